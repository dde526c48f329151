from hemicycle.record.apps import HemicycleAppConfig


class QuestionsConfig(HemicycleAppConfig):
    name = "hemicycle.before.questions"
