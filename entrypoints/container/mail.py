from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Factory

from application.mail.send_mail import MailSender
from entrypoints.container.given import given
from entrypoints.container.jobs import Jobs
from entrypoints.container.ports import Ports


class Mail(DeclarativeContainer):
    """Letters."""

    ports = given(Ports)
    jobs = given(Jobs)

    send_mail = Factory(
        MailSender,
        begin=ports.begin,
        mailer=ports.mailer,
        letters=ports.letters,
        recipients=ports.recipient_views,
        secret_box=ports.secret_box,
        fail_job=jobs.fail_job,
        clock=ports.clock,
        base_url=ports.base_url,
    )
