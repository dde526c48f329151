from hemicycle.record.apps import HemicycleAppConfig


class StatementsConfig(HemicycleAppConfig):
    name = "hemicycle.before.statements"

    def ready(self) -> None:
        super().ready()
        from django.utils.translation import gettext_lazy as _

        from hemicycle.before.registration import signals as registration
        from hemicycle.before.speakers.signals import LIST_COLUMNS, Column
        from hemicycle.before.statements import by_mail, cards, labels, projections, queries
        from hemicycle.before.statements.library import publication
        from hemicycle.before.statements.video import cards as video_panes
        from hemicycle.before.statements.video import queries as videos
        from hemicycle.hearing.setup import signals as hearings
        from hemicycle.record import floor

        labels.declare()
        by_mail.join()
        floor.REACTIONS.append(projections.follow)
        registration.PERSONAL_PANES.append(cards.personal)
        registration.OFFICE_PANES.append(cards.office)
        hearings.OVERVIEW_FIGURES.append(cards.figures)
        hearings.TASKS.append(cards.tasks)
        hearings.HOLDINGS.append(cards.holdings)
        registration.ON_WITHDRAWN.append(publication.withdraw)
        registration.ON_DECIDED.append(publication.follow_registration)
        registration.ON_CORRECTED.append(publication.follow_registration)
        registration.ON_SPEAKER_REPLACED.append(publication.replace_speaker)
        registration.DAILY.append(publication.tidy)
        LIST_COLUMNS.append(Column("statement", _("Statement"), queries.states))
        registration.PERSONAL_PANES.append(video_panes.personal)
        hearings.HOLDINGS.append(video_panes.holdings)
        hearings.BRIEFS.append(videos.brief)
