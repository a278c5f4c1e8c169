# syntax=docker/dockerfile:1
# The site, its workers and its commands are one image: `serve`, `run_worker`, `migrate`, `backup`, `doctor`.

FROM python:3.13-slim-bookworm AS made
RUN apt-get update && apt-get install --yes --no-install-recommends make && rm -rf /var/lib/apt/lists/*
WORKDIR /srv/chat
# Libraries first: they change less often than the code.
COPY Makefile requirements*.txt ./
COPY chatsite/embedded/__init__.py chatsite/embedded/trim.py chatsite/embedded/
COPY chatsite/__init__.py chatsite/
RUN make install
COPY . .
# Front-end libraries come from npm by the lock file. In `var` is the key of a site that there is not.
RUN make assets && rm -rf var static/vendor

FROM python:3.13-slim-bookworm
# A number, so that an orchestrator can see that it is not root. nginx reads pictures as one of this group.
RUN groupadd --gid 10001 chat && useradd --uid 10001 --gid chat --no-create-home --home-dir /srv/chat chat \
    && mkdir -p /srv/chat /data && chown chat:chat /data
COPY --from=made /srv/chat /srv/chat
WORKDIR /srv/chat
ENV PATH=/srv/chat/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    CHATSITE_DATA_DIR=/data CHATSITE_HOST=0.0.0.0
USER 10001:10001
VOLUME /data
EXPOSE 8000
# The site ends in order on SIGTERM; give it more than CHATSITE_DRAIN_SECONDS.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["python", "-m", "chatsite.healthy"]
ENTRYPOINT ["python", "manage.py"]
CMD ["serve"]
