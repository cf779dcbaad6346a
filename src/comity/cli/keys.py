"""`comity key`: make keys and secrets; and how every other command reads them.

a private key    PEM, PKCS#8, Ed25519 (RFC 8410); its file is readable by its owner only
a public key     ed25519:<base64>, as an agreement pins it; a PEM public key; or a file with either
a secret         one line, comity-secret-v1:<base64 of 32 bytes>; or any other file of at least 16 bytes, as it is
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated

import typer
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from comity.canon import InputError, strict_base64
from comity.cli.files import read_bytes, write_whole
from comity.cli.terminal import err, out, print_json, safe
from comity.crossing import SECRET_BYTES
from comity.ledger import BadKey, VerifierKey, public_key_text, read_public_key

SECRET_PREFIX = "comity-secret-v1:"  # noqa: S105 -- the name of a format, not a secret
SECRET_SIZE = 32
MAX_KEY_BYTES = 64 * 1024

app = typer.Typer(no_args_is_help=True)


class BadKeyFile(InputError):
    what = "{path} does not hold {wanted}"
    why = "{reason}"
    do = "{remedy}"


class KeyExists(InputError):
    what = "{path} was not written"
    why = "there is a file of that name, and a key that is overwritten is lost for good"
    do = "choose another name, or move the old file away yourself"


@app.command()
def new(
    out_file: Annotated[Path, typer.Option("--out", help="The file to write; it must not exist yet.")],
    secret: Annotated[bool, typer.Option("--secret", help="Make the secret of an agreement, for --key-file.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the public form as JSON.")] = False,
) -> None:
    """Make an Ed25519 private key and print its public form, or make the secret of an agreement."""
    if out_file.exists():
        raise KeyExists(path=out_file)
    if secret:
        make_secret(out_file)
        _tell(as_json, out_file, None)
        return
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_whole(out_file, [pem], private=True)
    _tell(as_json, out_file, public_key_text(key.public_key()))


@app.command()
def show(
    key_file: Annotated[Path, typer.Argument(help="A private or a public key.")],
    name: Annotated[str | None, typer.Option(help="Print the verifier key of a log of this name instead.")] = None,
) -> None:
    """Print the public form of a key, as an agreement pins it."""
    if b"PRIVATE KEY" in read_bytes(key_file):
        key = read_private_key(key_file).public_key()
    else:
        key = public_key(str(key_file))
    out.print(safe(str(VerifierKey(name, key)) if name else public_key_text(key)), soft_wrap=True, highlight=False)


def _tell(as_json: bool, path: Path, public: str | None) -> None:
    if as_json:
        print_json({"file": str(path), "public": public})
    elif public:
        out.print(public, soft_wrap=True, highlight=False)
        err.print(f"the private key is in {safe(str(path))}: whoever has it can sign as you")
    else:
        err.print(f"the secret is in {safe(str(path))}: whoever has it can undo the pseudonyms of its agreement")


def make_secret(path: Path) -> None:
    """Write a new secret of an agreement, readable by its owner only. Raises: CannotWrite."""
    write_whole(path, [written_secret(new_secret())], private=True)


def new_secret() -> bytes:
    """A secret nobody has had before."""
    return secrets.token_bytes(SECRET_SIZE)


def written_secret(secret: bytes) -> bytes:
    """A secret as its file holds it."""
    return (SECRET_PREFIX + strict_base64.encode(secret) + "\n").encode()


def read_secret(path: Path) -> bytes:
    """The bytes of an agreement's secret. Raises: CannotRead; BadKeyFile.

    A file of another program (32 random bytes, a line of hex) is taken as it stands, but for one final line feed:
    what is in it is the secret.
    """

    def refuse(reason: str) -> BadKeyFile:
        remedy = "make one with `comity key new --secret --out FILE`"
        return BadKeyFile(path=path, wanted="an agreement's secret", reason=reason, remedy=remedy)

    data = read_bytes(path)
    if len(data) > MAX_KEY_BYTES:
        raise refuse("it is too large to be a secret")
    if b"PRIVATE KEY" in data:
        raise refuse("it is a private key, which signs; a secret is another thing")
    line = data.removesuffix(b"\n")
    if not line.startswith(b"comity-secret-"):
        if len(line) < SECRET_BYTES:
            raise refuse(f"it has {len(line)} bytes where at least {SECRET_BYTES} are needed")
        return line
    if not line.startswith(SECRET_PREFIX.encode()):
        raise refuse("it is a secret of another version of this program")
    try:
        value = strict_base64.decode(line.decode("ascii").removeprefix(SECRET_PREFIX))
    except ValueError as error:
        raise refuse("what follows the prefix is not one line of base64") from error
    if len(value) != SECRET_SIZE:
        raise refuse(f"it has {len(value)} bytes where {SECRET_SIZE} are needed")
    return value


def read_private_key(path: Path) -> Ed25519PrivateKey:
    """Raises: CannotRead; BadKeyFile. Warns when others on this machine can read the file."""

    def refuse(reason: str) -> BadKeyFile:
        remedy = "make one with `comity key new --out FILE`"
        return BadKeyFile(path=path, wanted="an Ed25519 private key", reason=reason, remedy=remedy)

    data = read_bytes(path)
    try:
        key = load_pem_private_key(data[:MAX_KEY_BYTES], password=None)
    except TypeError as error:
        raise refuse("it is encrypted; this program reads keys without a passphrase") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise refuse("it is not a PEM file with a private key") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise refuse("it is a key of another kind")
    if path.stat().st_mode & 0o077:
        err.print(f"[yellow]warning:[/] others on this machine may read or change {safe(str(path))}: chmod 600 it")
    return key


def public_key(text: str) -> Ed25519PublicKey:
    """A public key as a user names it: the key itself, or a file that holds it.

    Raises: BadKey; CannotRead; BadKeyFile for a private key, which is not to be handed around.
    """
    if text.startswith("ed25519:"):
        return read_public_key(text)
    path = Path(text)

    def refuse(reason: str, remedy: str) -> BadKeyFile:
        return BadKeyFile(path=path, wanted="an Ed25519 public key", reason=reason, remedy=remedy)

    data = read_bytes(path)[:MAX_KEY_BYTES]
    if b"PRIVATE KEY" in data:
        raise refuse("it is a private key", "give the public one, which `comity key show FILE` prints")
    if data.startswith(b"-----BEGIN"):
        try:
            key = load_pem_public_key(data)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise refuse("its PEM cannot be read", "ask its owner for the key again") from error
        if not isinstance(key, Ed25519PublicKey):
            raise refuse("it is a key of another kind", "ask its owner for the Ed25519 key that the agreement pins")
        return key
    try:
        return read_public_key(data.decode("ascii").strip())
    except (BadKey, UnicodeDecodeError) as error:
        raise refuse("it is neither ed25519:<base64> nor PEM", "ask its owner for the key again") from error


def log_key(text: str, origin: str) -> VerifierKey:
    """The key of a log as a user names it: a verifier key, or a public key that signs under the log's own name.

    Raises: BadKey and as `public_key`.
    """
    if text.count("+") >= 2 and not text.startswith("ed25519:") and not Path(text).exists():
        return VerifierKey.parse(text)
    return VerifierKey(origin, public_key(text))
