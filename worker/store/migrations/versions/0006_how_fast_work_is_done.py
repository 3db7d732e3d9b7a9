"""When work last came to its end is known, so that the rate at which it is done can be measured."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("done_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_outbox_done_at", "outbox", ["done_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_outbox_done_at", table_name="outbox")
    with op.batch_alter_table("outbox") as batch:
        batch.drop_column("done_at")
