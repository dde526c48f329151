from hemicycle.record.apps import Slice


class Accreditation(Slice):
    name = "hemicycle.accreditation"

    def ready(self) -> None:
        super().ready()
        from hemicycle.accreditation import approvals, focal_points, panes, sentences, steps
        from hemicycle.hearings import hooks as hearings
        from hemicycle.registration import hooks as registration

        sentences.declare()
        registration.ON_SUBMITTED.append(approvals.on_submitted)
        registration.ON_ADMITTED.append(approvals.on_admitted)
        registration.ON_DECIDED.append(approvals.on_decided)
        registration.CHECK_ACCEPTED.append(steps.check_accepted)
        registration.PERSONAL_PANES.append(panes.personal)
        registration.OFFICE_PANES.append(panes.office)
        registration.DAILY.append(focal_points.erase_due)
        hearings.TASKS.append(panes.tasks)
        hearings.HOLDINGS.append(panes.holdings)
        hearings.TAKES_PART.append(panes.takes_part)
