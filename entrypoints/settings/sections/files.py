from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from entrypoints.settings import kinds
from entrypoints.settings.choices import BlobStoreKind
from entrypoints.settings.setting import Setting


@dataclass(frozen=True, kw_only=True, repr=False)
class Files:
    """Where images, documents and archives are kept."""

    blob_store: Annotated[
        BlobStoreKind,
        Setting(
            effect="Where the bytes of files are kept; what is there is not moved when this changes. A backup holds "
            "those in postgres. For s3 install the extra: flightdeck[s3].",
            kind=kinds.choice(BlobStoreKind),
            default="postgres",
        ),
    ]
    blob_directory: Annotated[
        Path | None,
        Setting(
            effect="The directory of BLOB_STORE=directory, the same one for every process; while unset 'blobs' in "
            "FLIGHTDECK_HOME.",
            kind=kinds.HOME,
        ),
    ]
    blob_quota: Annotated[
        int | None,
        Setting(effect="How large the files of a workspace may be together.", kind=kinds.SIZE, default="5GB"),
    ]
    s3_bucket: Annotated[
        str | None,
        Setting(
            effect="The bucket of BLOB_STORE=s3. Have a lifecycle rule of it abort incomplete multipart uploads after "
            "a day.",
            kind=kinds.BUCKET,
        ),
    ]
    s3_endpoint: Annotated[
        str | None,
        Setting(
            effect="The server of the bucket, such as MinIO; while unset Amazon's own.",
            kind=kinds.S3_SERVER,
        ),
    ]
    s3_region: Annotated[str, Setting(effect="The region of the bucket.", kind=kinds.REGION, default="us-east-1")]
    s3_access_key: Annotated[
        str | None,
        Setting(effect="The key's id for the bucket; while unset the machine's role.", kind=kinds.API_KEY, secret=True),
    ]
    s3_secret_key: Annotated[
        str | None,
        Setting(effect="The secret of S3_ACCESS_KEY.", kind=kinds.API_KEY, secret=True),
    ]
