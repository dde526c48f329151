from hemicycle.record.apps import HemicycleAppConfig


class AccreditationConfig(HemicycleAppConfig):
    name = "hemicycle.before.accreditation"

    def ready(self) -> None:
        super().ready()
        from hemicycle.before.accreditation import approvals, cards, focal_points, labels, steps
        from hemicycle.before.registration import signals as registration
        from hemicycle.hearing.setup import signals as hearings

        labels.declare()
        registration.ON_SUBMITTED.append(approvals.on_submitted)
        registration.ON_ADMITTED.append(approvals.on_admitted)
        registration.ON_DECIDED.append(approvals.on_decided)
        registration.CHECK_ACCEPTED.append(steps.check_accepted)
        registration.PERSONAL_PANES.append(cards.personal)
        registration.OFFICE_PANES.append(cards.office)
        registration.DAILY.append(focal_points.erase_due)
        hearings.TASKS.append(cards.tasks)
        hearings.HOLDINGS.append(cards.holdings)
        hearings.TAKES_PART.append(cards.takes_part)
