from hemicycle.record.apps import HemicycleAppConfig


class MeetingDocumentsConfig(HemicycleAppConfig):
    name = "hemicycle.before.meeting_documents"
