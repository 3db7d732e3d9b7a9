"""The state of record, opened: one attribute for each noun."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from worker.store import purge as purging
from worker.store.answers import Answers
from worker.store.audiences import AudienceBook
from worker.store.audit import Audit
from worker.store.catalogue import Catalogue
from worker.store.changes import Changes
from worker.store.cutlines import Cutlines
from worker.store.engine import Database, open_database
from worker.store.feedback import FeedbackBook
from worker.store.fold import Policy
from worker.store.ids import IdFactory, new_id
from worker.store.incidents import Incidents
from worker.store.load import Loads
from worker.store.locks import Locks
from worker.store.messages import Messages
from worker.store.outbox import Outbox
from worker.store.purge import Retention
from worker.store.readers import ReadersOfRecord
from worker.store.receive import Inbox
from worker.store.recordings import Recordings
from worker.store.runs import RunRecords
from worker.store.silenced import Silenced
from worker.store.spend import Spend
from worker.store.spend_report import SpendReports
from worker.store.storms import Storms
from worker.store.tokens import Denials, Tokens


class Store:
    """All of the store over one open database; `schema.upgrade` or `schema.check_schema` comes first."""

    def __init__(self, database: Database, policy: Policy, ids: IdFactory = new_id) -> None:
        """Hand the database to every part."""
        self.database = database
        self.inbox = Inbox(database, policy, ids)
        self.incidents = Incidents(database)
        self.outbox = Outbox(database)
        self.loads = Loads(database)
        self.messages = Messages(database)
        self.storms = Storms(database, ids)
        self.silenced = Silenced(database)
        self.runs = RunRecords(database)
        self.recordings = Recordings(database)
        self.answers = Answers(database)
        self.cutlines = Cutlines(database)
        self.feedback = FeedbackBook(database)
        self.changes = Changes(database)
        self.catalogue = Catalogue(database)
        self.audit = Audit(database)
        self.readers = ReadersOfRecord(database)
        self.audiences = AudienceBook(database)
        self.locks = Locks(database)
        self.tokens = Tokens(database)
        self.denials = Denials(database)
        self.spend = Spend(database)
        self.spend_reports = SpendReports(database)

    def purge(self, now: datetime, keep: Retention) -> Mapping[str, int]:
        """Forget what is older than it may be kept; see `purge.purge`."""
        return purging.purge(self.database, now, keep)

    def close(self) -> None:
        """Give back every connection."""
        self.database.close()


def open_store(url: str, policy: Policy) -> Store:
    """Open the store at a URL, without touching its schema.

    Raises:
        BadSettings: the URL names no database that we know.
        StoreUnavailable: it cannot be reached or written to.
    """
    return Store(open_database(url), policy)
