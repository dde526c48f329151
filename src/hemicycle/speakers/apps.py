from hemicycle.record.apps import Slice


class Speakers(Slice):
    name = "hemicycle.speakers"

    def ready(self) -> None:
        super().ready()
        from hemicycle.correspondence import hooks as correspondence
        from hemicycle.hearings import hooks as hearings
        from hemicycle.record import floor
        from hemicycle.registration import hooks as registration
        from hemicycle.speakers import day_before, following, hooks, panes, sentences

        sentences.declare()
        correspondence.SOURCES.append(day_before.sources)
        correspondence.CHORES.append(day_before.tell)
        floor.REACTIONS.append(following.follow)
        registration.ON_INSCRIBED.append(hooks.inscribe)
        registration.ON_ARRIVED_EARLIER.append(hooks.arrived_earlier)
        registration.ON_WITHDRAWN.append(hooks.withdraw)
        registration.ON_SPEAKER_REPLACED.append(hooks.replace_speaker)
        registration.ON_CORRECTED.append(hooks.correct)
        registration.PERSONAL_PANES.append(panes.personal)
        hearings.OVERVIEW_LOADS.append(panes.loads)
        hearings.HOLDINGS.append(panes.holdings)
