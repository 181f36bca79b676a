# The mover and its controller; runs as any user, with a read-only root and without capabilities.

# The image that restic comes from: the restic project's own, of a fixed version, which has every backend. docs/image.md
# says how to pin its digest. If that image is not available: the stage "packaged".
ARG RESTIC_IMAGE=restic/restic:0.19.1

# restic from Debian's next suite, which is built without Azure. Only that package is fetched, from the archive that the
# base image's own sources name, in either of apt's two formats. The index of a dated mirror is past its validity, which
# is ignored; its signature is checked.
FROM debian:trixie-slim AS packaged
ARG RESTIC=0.19
WORKDIR /next
RUN cd /etc/apt \
 && for file in sources.list.d/*.sources; do [ ! -e "$file" ] || awk -v RS= -v ORS='\n\n' \
      'tolower($0) ~ /\nsuites:[^\n]* trixie( |\n|$)/' "$file"; done \
    | sed -E 's/^(Suites:).*/\1 forky/I' >/next/next.sources \
 && { cat sources.list sources.list.d/*.list 2>/dev/null || true; } \
    | sed -nE 's/^(deb +(\[[^]]*\] +)?[^ ]+) +trixie +main.*/\1 forky main/p' >/next/next.list \
 && next="-o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts=/next -o Acquire::Check-Valid-Until=false" \
 && apt-get -qq $next update \
 && apt-get -qq $next -o APT::Sandbox::User=root download "restic=$RESTIC*" \
 && dpkg -x restic_*.deb /

FROM $RESTIC_IMAGE AS restic

# Everything in the image that is not a Debian package, in /image.
FROM debian:trixie-slim AS mover
ARG DEBIAN_FRONTEND=noninteractive
RUN apt-get -qq update && apt-get -qq install -y --no-install-recommends ca-certificates python3-venv >/dev/null
WORKDIR /source
COPY requirements/ requirements/
# pip's package index, if not the default one.
ARG PIP_INDEX_URL
RUN python3 -m venv /pip \
 && python3 -m venv --without-pip /opt/mover \
 && /pip/bin/pip install -q --no-cache-dir --require-hashes -r requirements/build.txt \
 && /pip/bin/pip --python /opt/mover/bin/python install -q --no-cache-dir --no-compile --require-hashes \
      -r requirements/runtime.txt -r requirements/controller.txt \
 # Debian's python3 depends on the time zones.
 && /pip/bin/pip --python /opt/mover/bin/python uninstall -q -y tzdata
COPY pyproject.toml README.md LICENSE ./
COPY mover/ mover/
# Files do not have the time of the build: the same sources make the same files.
ARG SOURCE_DATE_EPOCH=0
# Compiled here and never checked against the sources, because a read-only root does not allow compiling later.
RUN /pip/bin/python -m flit_core.wheel --outdir /wheel . \
 && /pip/bin/pip --python /opt/mover/bin/python install -q --no-compile --no-deps --no-index --find-links /wheel restic-mover \
 && /opt/mover/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/mover/lib
COPY entry.sh image/ssh ./
COPY --from=restic /usr/bin/restic ./
# Docker gives a new volume the mode of the folder it is mounted on, so that any user can write to a cache volume.
RUN install -D -t /image/usr/bin restic \
 && install -D -t /image/usr/local/bin ssh \
 && install -D -t /image entry.sh \
 && install -D -t /image/mover-restic entry.sh \
 && mkdir -p /image/opt /image/home/mover/.ssh \
 && mkdir -m 1777 /image/cache \
 && mv /opt/mover /image/opt/ \
 && find /image -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +

FROM debian:trixie-slim
# "yes" adds rclone, for restic's backend of that name.
ARG RCLONE
ARG DEBIAN_FRONTEND=noninteractive
ARG SOURCE_DATE_EPOCH=0
RUN touch /began && find /var/cache /var/lib/apt/lists /var/log -type f >/before \
 && apt-get -qq update \
 && apt-get -qq install -y --no-install-recommends \
      ca-certificates libnss-wrapper openssh-client python3 ${RCLONE:+rclone} >/dev/null \
      # Of ssh only the client stays, without its setuid programs.
 && rm -rf /usr/bin/scp /usr/bin/sftp /usr/bin/ssh-* /usr/lib/openssh \
      # Python's tests, help texts and East Asian encodings are not needed.
      /usr/lib/python3.*/test /usr/lib/python3.*/unittest /usr/lib/python3.*/pydoc_data /usr/lib/python3.*/_pyrepl \
      /usr/lib/python3.*/lib-dynload/_test* /usr/lib/python3.*/lib-dynload/_codecs_* \
 # Logs, caches and package lists. Those of the base image are emptied: a removal would record its time in the layer.
 && find /var/cache /var/lib/apt/lists /var/log -type f -cnewer /began | while read -r file; do \
      if grep -qxF "$file" /before; then : >"$file"; else rm "$file"; fi; done \
 && find / -xdev -newer /began -not -path '/proc/*' -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} + \
 && rm /began /before
COPY --from=mover /image/ /
ENV PATH=/opt/mover/bin:/usr/local/bin:/usr/bin:/bin \
    HOME=/home/mover \
    PYTHONDONTWRITEBYTECODE=1
RUN mover --version
LABEL org.opencontainers.image.title="restic-mover" \
      org.opencontainers.image.description="Backs up a volume with restic, and restores it" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="debian:trixie-slim"
ENTRYPOINT ["/entry.sh"]
CMD ["--help"]
