"""Confirming a registration in a browser, by the letter that a trial installation shows."""

from playwright.sync_api import Page


def confirm_by_letter_shown(page: Page) -> None:
    """Open the link of the letter that the receipt page shows, and press the button to confirm."""
    page.get_by_role("link", name="Open the link in the e-mail").click()
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url("**/my/*/?confirmed=1")
