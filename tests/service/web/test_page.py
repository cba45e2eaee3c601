# SPDX-License-Identifier: EUPL-1.2
"""The page as a person meets it: in Chromium, from a running service."""

from playwright.sync_api import Page


class TestPage:
    def test_opens_in_dutch(self, site: str, tab: Page):
        tab.goto(site)

        assert tab.locator("html").get_attribute("lang") == "nl"
        assert tab.locator("h1").inner_text() == "Hoeveel opvangplaatsen zijn nodig?"
