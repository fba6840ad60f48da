"""The App Home: opening it, and what a person does in it."""

from __future__ import annotations

from sandbox.slack.events import Events
from sandbox.slack.methods import Desk
from sandbox.slack.people import Body, User, dm_id
from sandbox.slack.sockets import Sockets
from sandbox.slack.surface import Surface


class Home(Surface):
    """Everybody's Home, which the app publishes, or not."""

    noun = "Home"

    def __init__(self, desk: Desk, sockets: Sockets, events: Events) -> None:
        super().__init__(desk, sockets)
        self.events = events

    def view_of(self, user: User) -> Body | None:
        """What the app has published for that person."""
        return self.views.homes.get(user.id)

    def missing(self, user: User) -> str:
        return f"The app has published no Home for {user.name}."

    async def open(self, name: str, tab: str = "home") -> None:
        """
        Open the app's Home (`home`) or its direct message (`messages`), of which the app hears if it is subscribed.

        Raises ValueError where the manifest has switched the Home off.
        """
        user = self.workspace.person(name)
        if tab == "home" and not self.desk.has_home:
            raise ValueError("The app has no Home: its manifest says `home_tab_enabled: false`.")
        view = self.view_of(user) if tab == "home" else None
        self.events.home_opened(user.id, dm_id(user), tab, view)
