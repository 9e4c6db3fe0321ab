# Jobreport as a container: docker build -t jobreport .
#
# The base is any Debian 12 or newer, or an image made from one, that has apt-get: --build-arg BASE=… takes another.
ARG BASE=debian:bookworm-slim

FROM ${BASE} AS build
# Without versions: the release's newest have its security fixes.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends python3 python3-venv ca-certificates \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY src src
COPY deploy deploy
# Which libraries: the same as in the Debian package.
ARG EXTRAS=mail,postgres,xlsx
RUN python3 -m venv /opt/jobreport \
 && /opt/jobreport/bin/pip install --no-cache-dir -c constraints.txt ".[${EXTRAS}]" \
 && /opt/jobreport/bin/pip uninstall --yes pip setuptools

FROM ${BASE}
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends python3 ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin jobreport \
 && install -d -m 0700 -o jobreport -g jobreport /data
COPY --from=build /opt/jobreport /opt/jobreport
# The store is the only thing that is written; secrets come from files, see JOBREPORT_SECRET_KEY_FILE.
ENV PATH=/opt/jobreport/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    JOBREPORT_STORE=sqlite:////data/jobs.db \
    JOBREPORT_LOG_FORMAT=json \
    JOBREPORT_HOST=0.0.0.0 \
    JOBREPORT_PORT=8080
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["/opt/jobreport/bin/python", "-c", "import os, urllib.request as r; r.build_opener(r.ProxyHandler({})).open('http://127.0.0.1:' + os.environ['JOBREPORT_PORT'] + '/readyz', timeout=4)"]
# It refuses a network without TLS: give JOBREPORT_TLS_CERT and _KEY, JOBREPORT_TRUSTED_PROXY, or JOBREPORT_INSECURE_HTTP.
ENTRYPOINT ["jobreport"]
CMD ["serve"]
