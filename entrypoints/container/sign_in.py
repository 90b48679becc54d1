from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Factory, Singleton

from application.identity.begin_sign_up import BeginSignUp
from application.identity.change_password import ChangePassword
from application.identity.forgot_password import ForgotPassword
from application.identity.give_recovery_link import GiveRecoveryLink
from application.identity.reset_password import ResetPassword
from application.identity.second_factor import (
    BeginSecondFactor,
    ConfirmSecondFactor,
    RemoveSecondFactor,
    ReplaceRecoveryCodes,
)
from application.identity.second_factor_codes import SecondFactorCodes
from application.identity.send_recovery_letter import RecoveryLetterSender
from application.identity.send_sign_up_letter import SignUpLetterSender
from application.identity.sessions import EndSession, ListSessions, SignOut, SignOutEverywhere
from application.identity.sign_in import SignIn as OpenSession
from application.identity.sign_in_limit import SignInLimit
from application.identity.sign_up_invited import SignUpInvited
from application.identity.verify_email import VerifyEmail
from entrypoints.container.given import given
from entrypoints.container.ports import Ports
from entrypoints.container.workspaces import Workspaces


class SignIn(DeclarativeContainer):
    """Passwords, second factors and sessions."""

    ports = given(Ports)
    workspaces = given(Workspaces)

    limit = Singleton(SignInLimit, limiter=ports.rate_limiter, rate=ports.sign_in_rate)
    codes = Singleton(SecondFactorCodes, passwords=ports.one_time_passwords, secret_box=ports.secret_box, limit=limit)

    begin_sign_up = Factory(
        BeginSignUp,
        begin=ports.begin,
        hasher=ports.password_hasher,
        secret_box=ports.secret_box,
        limit=limit,
        policy=ports.sign_up,
        clock=ports.clock,
    )
    send_sign_up_letter = Factory(SignUpLetterSender, begin=ports.begin, secret_box=ports.secret_box, clock=ports.clock)
    sign_up_invited = Factory(
        SignUpInvited,
        begin=ports.begin,
        invites=ports.invite_views,
        hasher=ports.password_hasher,
        open_personal_workspace=workspaces.open_personal_workspace,
        limit=limit,
        policy=ports.sign_up,
        life=ports.session_life,
        clock=ports.clock,
    )
    verify_email = Factory(
        VerifyEmail,
        begin=ports.begin,
        secret_box=ports.secret_box,
        open_personal_workspace=workspaces.open_personal_workspace,
        limit=limit,
        life=ports.session_life,
        clock=ports.clock,
    )
    sign_in = Factory(
        OpenSession,
        begin=ports.begin,
        accounts=ports.accounts,
        hasher=ports.password_hasher,
        codes=codes,
        limit=limit,
        life=ports.session_life,
        clock=ports.clock,
    )
    change_password = Factory(
        ChangePassword, begin=ports.begin, hasher=ports.password_hasher, limit=limit, clock=ports.clock
    )
    forgot_password = Factory(
        ForgotPassword, begin=ports.begin, secret_box=ports.secret_box, limit=limit, clock=ports.clock
    )
    send_recovery_letter = Factory(
        RecoveryLetterSender, begin=ports.begin, secret_box=ports.secret_box, clock=ports.clock
    )
    give_recovery_link = Factory(GiveRecoveryLink, begin=ports.begin, accounts=ports.accounts, clock=ports.clock)
    reset_password = Factory(
        ResetPassword,
        begin=ports.begin,
        tokens=ports.one_time_token_log,
        hasher=ports.password_hasher,
        codes=codes,
        limit=limit,
        life=ports.session_life,
        clock=ports.clock,
    )
    begin_second_factor = Factory(BeginSecondFactor, begin=ports.begin, codes=codes, clock=ports.clock)
    confirm_second_factor = Factory(ConfirmSecondFactor, begin=ports.begin, codes=codes, limit=limit, clock=ports.clock)
    remove_second_factor = Factory(
        RemoveSecondFactor,
        begin=ports.begin,
        hasher=ports.password_hasher,
        codes=codes,
        limit=limit,
        clock=ports.clock,
    )
    replace_recovery_codes = Factory(
        ReplaceRecoveryCodes,
        begin=ports.begin,
        hasher=ports.password_hasher,
        codes=codes,
        limit=limit,
        clock=ports.clock,
    )
    list_sessions = Factory(ListSessions, views=ports.session_views, clock=ports.clock)
    end_session = Factory(EndSession, begin=ports.begin, clock=ports.clock)
    sign_out = Factory(SignOut, end_session=end_session)
    sign_out_everywhere = Factory(SignOutEverywhere, begin=ports.begin, clock=ports.clock)
