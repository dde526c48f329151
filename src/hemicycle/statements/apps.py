from hemicycle.record.apps import Slice


class Statements(Slice):
    name = "hemicycle.statements"

    def ready(self) -> None:
        super().ready()
        from django.utils.translation import gettext_lazy as _

        from hemicycle.hearings import hooks as hearings
        from hemicycle.record import floor
        from hemicycle.registration import hooks as registration
        from hemicycle.speakers.hooks import LIST_COLUMNS, Column
        from hemicycle.statements import by_mail, following, panes, queries, sentences
        from hemicycle.statements.library import shelf
        from hemicycle.statements.video import panes as video_panes
        from hemicycle.statements.video import queries as videos

        sentences.declare()
        by_mail.join()
        floor.REACTIONS.append(following.follow)
        registration.PERSONAL_PANES.append(panes.personal)
        registration.OFFICE_PANES.append(panes.office)
        hearings.OVERVIEW_FIGURES.append(panes.figures)
        hearings.TASKS.append(panes.tasks)
        hearings.HOLDINGS.append(panes.holdings)
        registration.ON_WITHDRAWN.append(shelf.withdraw)
        registration.ON_DECIDED.append(shelf.follow_registration)
        registration.ON_CORRECTED.append(shelf.follow_registration)
        registration.ON_SPEAKER_REPLACED.append(shelf.replace_speaker)
        registration.DAILY.append(shelf.tidy)
        LIST_COLUMNS.append(Column("statement", _("Statement"), queries.states))
        registration.PERSONAL_PANES.append(video_panes.personal)
        hearings.HOLDINGS.append(video_panes.holdings)
        hearings.BRIEFS.append(videos.brief)
