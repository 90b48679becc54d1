from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import replace
from uuid import uuid4

from domain.identity import Login, OneTimeToken
from domain.jobs import Job
from domain.webhooks import ROTATION, Webhook
from tests.contracts.examples import Tenant, a_connector, a_job, a_tenant, later
from tests.contracts.stores import Stores


def a_form() -> bytes:
    """What nobody else has stored."""
    return uuid4().bytes


class SealedSecretsContract:
    """Every `SealedSecrets`."""

    async def _stored(self, stores: Stores, tenant: Tenant, forms: Mapping[str, bytes]) -> Job:
        """Each of the forms, where its name says; the job."""
        now = later(stores)
        webhook = Webhook(
            workspace_id=tenant.id,
            url="https://desk.example.com",
            sealed=forms["webhook"],
            retired=forms["retired"],
            retired_until=now + ROTATION,
            created_at=now,
            updated_at=now,
        )
        token, _ = OneTimeToken.to_verify(f"{uuid4().hex}@example.com", forms["token"], now)
        job = a_job(stores, tenant.id, payload={"sealed": b64encode(forms["job"]).decode(), "to": "x"})
        await a_connector(stores, tenant, sealed={"one": forms["one"], "two": forms["two"]})
        async with stores.begin() as work:
            await work.webhooks.add(webhook, because=tenant.edited(now))
            await work.logins.put(Login(user_id=tenant.user.id, totp_secret=forms["totp"], changed_at=now))
            await work.one_time_tokens.add(token)
            await work.jobs.add(job)
            return await work.commit(job)

    async def test_every_stored_form_is_given_and_replaced(self, stores: Stores) -> None:
        names = ("one", "two", "webhook", "retired", "totp", "token", "job")
        forms, fresh = {name: a_form() for name in names}, {name: a_form() for name in names}
        renewals = {forms[name]: fresh[name] for name in names}
        tenant = await a_tenant(stores)
        job = await self._stored(stores, tenant, forms)

        await stores.sealed_secrets.renew(renewals.get)

        seen: set[bytes] = set()
        await stores.sealed_secrets.renew(seen.add)
        assert seen >= set(fresh.values())
        assert seen.isdisjoint(forms.values())
        async with stores.begin() as work:
            login = await work.logins.lock(tenant.user.id)
            renewed = await work.jobs.get(job.id)
        assert login
        assert login.totp_secret == fresh["totp"]
        assert renewed.payload == {"sealed": b64encode(fresh["job"]).decode(), "to": "x"}

    async def test_what_is_not_renewed_stays(self, stores: Stores) -> None:
        tenant, kept, old, new = await a_tenant(stores), a_form(), a_form(), a_form()
        connector = await a_connector(stores, tenant, sealed={"kept": kept, "old": old})
        await stores.sealed_secrets.renew({old: new}.get)
        async with stores.begin() as work:
            found = await work.connectors.get(connector.id)
        assert found == replace(connector, sealed={"kept": kept, "old": new})

    async def test_jobs_without_a_secret_are_left_alone(self, stores: Stores) -> None:
        job = a_job(stores, (await a_tenant(stores)).id, payload={"other": "sealed"})
        async with stores.begin() as work:
            await work.jobs.add(job)
            await work.commit(None)
        await stores.sealed_secrets.renew(lambda sealed: None if sealed else b64decode(sealed))
        async with stores.begin() as work:
            assert (await work.jobs.get(job.id)).payload == {"other": "sealed"}
