"""User names where systems write them: home folders, DOMAIN\\user, the grammar of common logs, security identifiers."""
# ruff: noqa: E501, RUF001, SIM905  (a grammar is one line; letters of many scripts and lists of words are its substance)

from __future__ import annotations

from collections.abc import Iterator

from comity.canon import Category, Role
from comity.privacy.detectors.linear import Linear
from comity.privacy.detectors.shape import Detector, Found, Place

_HOME = Linear(
    r"(?i)(?:[a-z]:[\\/]{1,2}|[\\/]{1,2}|^|[\s\"'=(])(?:(?:users|documents and settings|benutzer|utilisateurs|usuarios|gebruikers|winnt\\profiles)[\\/]{1,4}|home/|export/home/|var/(?:spool/)?mail/)"
    r"([^\\/\s\"'<>|:*?;,()\[\]{}&$]+(?: [^\\/\s\"'<>|:*?;,()\[\]{}&$]+){0,3}?)(?:[\\/]|$|[\s\"'<>|;,)&\]]|\.$)"
)
_TILDE = Linear(r"(?:^|[\s\"'/])~([a-z_][a-z0-9_.-]{1,31})/")
_DOMAIN = Linear(
    r"(?:^|[^\\/:\pL\pN.%-]|(?i:user(?:name)?|-u|runas|account):)([A-Za-z][A-Za-z0-9.-]{1,40})\\{1,2}([\pL][\pL\pN._-]+\$?)"
)
_SSH = Linear(
    r"(?i)\b(?:(?:failed|accepted) (?:password|publickey|keyboard-interactive(?:/pam)?|none|gssapi-with-mic) for (?:invalid user |illegal user )?|invalid user |"
    r"session (?:opened|closed) for user |authentication failure for |disconnected from (?:authenticating |invalid )?user |connection (?:closed|reset) by (?:authenticating |invalid )?user |"
    r"new user: name=|(?:r?user|acct|logname|ruser|auid|suid)=[\"']?|user=<|\buser(?:name)? ['\"]|login(?:name)?=|(?:delete|add|new) user |logon of |login of |logged (?:in|on) as |runas /user:|-u |--user[= ]|\bsu: \(to \S+\) )"
    r"([\pL0-9_][\pL\pN._-]*)"
)
_FTP = Linear(r"(?i)\bvsftpd\[[0-9]+\]: \[([a-z_][a-z0-9._-]{1,31})\]")
_SUDO = Linear(r"(?i)\bsudo(?:\[[0-9]+\])?:\s+([a-z_][\pL\pN._-]*) : ")
_AS = Linear(
    r"(?i)\b(?:as|by|user|account|logon|konto|benutzer|utilisateur|usuario|utilizador|usuário|użytkownik(?:a|iem)?|kullanıcı|kasutaja)\s(?:named? |de )?[\"'`«„]?([\pL0-9][\pL\pN._-][\pL\pN._-]+)\b"
)
# "as jdoe" where a log line or a clause ends: an account, however it is spelled
_AS_LAST = Linear(r"(?m)\b(?:as|by|for user|user)\s([a-z][a-z0-9._-]{2,30})\s*(?:$|[,;)])")
_TIMED = Linear(
    r"^[#\[(]?(?:[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}|[A-Z][a-z]{2} [ 0-9][0-9] [0-9]{2}:|[0-9]{2}:[0-9]{2}|# )"
)
_LOGIN_OF = Linear(
    r"(?i)(?:\b(?:log-?ins?|logon|sign-?ins?|anmeldung(?:en)?|connexions?|inicios? de sesión|acessos?|logowani[ea]) (?:of|by|for|from user|von|für|de|do|da|para|par|użytkownik[ai]|przez)(?: the user| user| benutzer| usuario| utilizador)?|"
    r"(?:вхід|входи) (?:користувача|до облікового запису)|облікового запису|(?:تسجيل )?دخول (?:المستخدم )?|ユーザー?|アカウント)[\s「:]{1,2}([A-Za-z0-9][A-Za-z0-9._-]{2,30})"
)
_SUFFIXED = Linear(
    r"(?i)\b([a-z][a-z0-9._-]{2,30})(?:(?: adlı)? kullanıcı(?:sı|nın)?\b|\s?(?:さん)?の(?:アカウント|ログイン)|\s?がログイン|\s(?:logged (?:in|on)|signed in)\b)"
)
_SID = Linear(r"\bS-1-5-21-[0-9]{4,10}-[0-9]{4,10}-[0-9]{4,10}-(?:1[0-9]{3}|[2-9][0-9]{3}|[0-9]{5,})\b")

# Accounts of systems, and words that stand where a user name could: they are nobody.
GENERIC = frozenset(
    "system root admin administrator administrators guest default public all allusers user users username defaultuser defaultuser0 defaultaccount"
    " localservice networkservice nobody daemon bin sys www www-data apache nginx postgres mysql oracle git jenkins docker ubuntu ec2-user centos"
    " debian vagrant pi test tester service services svc backup operator sa dba everyone anonymous krbtgt support info shared runner runneradmin"
    " containeradministrator wdagutilityaccount homegroupuser$ desktop documents downloads local appdata temp tmp share nfs ftp mail sshd sync games"
    " nt iis appl lp news uucp proxy list irc gnats syslog messagebus systemd-network systemd-resolve elastic kibana splunk zabbix nagios ansible"
    " deploy deployer build ci monitor monitoring cisco ubnt supervisor tomcat hadoop teamspeak minecraft steam student uploader demo webmaster"
    " hostmaster postmaster host localhost library linuxbrew lost+found invalid unknown none null the a an on in of to from for with and or was is"
    " having being been successfully client microsoft session shortly agents groups antivirus ssh sftp telnet rdp smb http https python python2 python3 perl ruby bash powershell that this who has had its their his her via root$ user1 test1 john.doe name login password account accounts yourname you me".split()
)  # fmt: skip
_NOT_DOMAINS = frozenset(
    "files nt builtin hklm hkcu hkcr hku hkey_local_machine hkey_current_user hkey_classes_root hkey_users software system system32 syswow64 windows microsoft"
    " currentversion currentcontrolset program programdata appdata local roaming temp users documents desktop downloads windir systemroot font window"
    " workgroup iis policies run services device pipe global basenamedlocals sessions winnt drivers tasks start programs startup public control lib bin"
    " classes wow6432node controlset001 harddisk harddiskvolume1 harddiskvolume2 unc registry machine user nt-autorität autorite".split()
)


def generic(name: str) -> bool:
    """Whether an account name belongs to a system or a role and to no person."""
    folded = name.casefold().strip("$%<>[]")
    return folded in GENERIC or len(folded) < 2 or folded.isdecimal() or folded.startswith(("%", "nt ", "nt authority"))


def find_home(text: str, place: Place) -> Iterator[Found]:
    for match in _HOME.finditer(text):
        name = match.group(1)
        if " " in name and text[match.end(1) : match.end(1) + 1] not in {"\\", "/"}:
            name = name.split(" ", 1)[0]
        if not generic(name) and name[:1] not in {"%", ".", "*"}:
            start = match.start(1)
            yield Found(
                start, start + len(name), Category.USERNAME, 0.95, "the owner of a home folder", name.casefold()
            )
    for match in _TILDE.finditer(text):
        if not generic(match.group(1)):
            yield Found(
                match.start(1), match.end(1), Category.USERNAME, 0.85, "the owner of a home folder", match.group(1)
            )


def find_domain_user(text: str, place: Place) -> Iterator[Found]:
    for match in _DOMAIN.finditer(text):
        domain, name = match.group(1), match.group(2)
        if domain.casefold() in _NOT_DOMAINS or generic(name) or text[match.end() : match.end() + 1] == "\\":
            continue
        if "." in name and name.rsplit(".", 1)[1].casefold() in _EXTENSIONS:
            continue
        if name.endswith("$"):
            yield Found(
                match.start(2),
                match.end(2) - 1,
                Category.HOSTNAME,
                0.85,
                "a machine account of a domain",
                name[:-1].casefold(),
            )
            continue
        sure = domain.isupper() or "." in domain
        yield Found(
            match.start(2),
            match.end(2),
            Category.USERNAME,
            0.93 if sure else 0.75,
            "a user after a domain",
            name.casefold(),
        )


_EXTENSIONS = frozenset(
    "exe dll sys bat cmd ps1 vbs js txt dat log tmp lnk doc docx xls xlsx pdf zip rar ini inf msi scr cpl ocx hta jar py db".split()
)


def find_log(text: str, place: Place) -> Iterator[Found]:
    for pattern, confidence in ((_SSH, 0.93), (_SUDO, 0.95), (_FTP, 0.93), (_LOGIN_OF, 0.88), (_SUFFIXED, 0.86)):
        for match in pattern.finditer(text):
            name = match.group(1).rstrip(".-")
            if generic(name) or not _account_like(name, strict=pattern is _LOGIN_OF or pattern is _SUFFIXED):
                continue
            if text[match.end(1) : match.end(1) + 1] in {"@", "\\"}:
                continue
            start = match.start(1)
            yield Found(
                start,
                start + len(name),
                Category.USERNAME,
                confidence,
                "a user in the grammar of a log",
                name.casefold(),
            )
    for match in _AS.finditer(text):
        name = match.group(1).rstrip(".-")
        after = text[match.start(1) + len(name) : match.start(1) + len(name) + 1]
        if not generic(name) and after not in {"@", "\\", "/", "="} and _invented(name):
            start = match.start(1)
            yield Found(
                start,
                start + len(name),
                Category.USERNAME,
                0.82,
                "an account's name after a word for one",
                name.casefold(),
            )
    for match in _AS_LAST.finditer(text):
        name = match.group(1)
        line = text[text.rfind("\n", 0, match.start()) + 1 : match.end()]
        if not generic(name) and _TIMED.match(line) is not None and "." not in name[-4:]:
            yield Found(
                match.start(1),
                match.end(1),
                Category.USERNAME,
                0.85,
                "a user at the end of a log line",
                name,
                Role.VICTIM,
            )
    for match in _SID.finditer(text):
        yield Found(
            match.start(),
            match.end(),
            Category.ACCOUNT_ID,
            0.95,
            "a security identifier of a person's account",
            match.group(),
        )


def _account_like(name: str, *, strict: bool) -> bool:
    if not strict:
        return True
    return name.isascii() and name.islower() and any(c.isalpha() for c in name) and (_invented(name) or len(name) >= 4)


def _invented(name: str) -> bool:
    """Whether a word is spelled like an account and not like a word: digits or a dot or underscore inside, lower case."""
    letters = any(c.isalpha() for c in name) and name.rsplit(".", 1)[-1] not in _EXTENSIONS
    return letters and name.islower() and (any(c.isdecimal() for c in name) or "." in name or "_" in name)


HOME = Detector(
    "home-folder",
    1,
    r"(?i)(?:users|documents and settings|benutzer|utilisateurs|usuarios|gebruikers|profiles)[\\/]|home/|mail/|~[a-z_]",
    find_home,
)
DOMAIN_USER = Detector("domain-user", 1, r"[A-Za-z0-9]\\{1,2}[\pL]", find_domain_user)
LOG = Detector(
    "log-user",
    1,
    r"(?i)S-1-5-21-|password for|publickey for|invalid user|for user|user=|acct=|logname=|login|logon|sign-?in|logged|\bas [\pL0-9]+[._0-9]|\b(?:by|user|account|konto|benutzer|utilisateur|usuario|utilizador|usuário|użytkownik(?:a|iem)?|kullanıcı|kasutaja) |sudo|vsftpd|-u |--user|runas|вхід|облікового|دخول|المستخدم|ユーザ|アカウント|ログイン|kullanıcı|anmeldung|connexion|sesión|acesso|logowani",
    find_log,
)
