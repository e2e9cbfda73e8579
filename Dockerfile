# syntax=docker/dockerfile:1

# docker build --build-arg VERSION=1.2.3 -t voxwarden:1.2.3 .
#
# VERSION   what "server version" prints; without it, "devel", because the history of the repository is not copied
# ASSETS    npm: install the front-end packages. local: use those that "make assets" has put into the folders named lib
# PROGRAM   source: build the program. built: use linux/ARCHITECTURE/server of the build's folder, as a release does
ARG ASSETS=npm
ARG PROGRAM=source

# The tags move with each security update of Debian, Go and Node. scripts/pin-images.sh adds their digests.
ARG NODE_IMAGE=node:22-bookworm-slim
ARG GO_IMAGE=golang:1.26-bookworm

# The scripts that the pages load, with their licences.
FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS assets-npm
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund
WORKDIR /assets
RUN cp /src/node_modules/htmx.org/dist/htmx.min.js htmx.min.js \
 && cp /src/node_modules/htmx.org/LICENSE htmx.org.txt

FROM scratch AS assets-local
COPY static/lib/htmx.min.js internal/licenses/lib/htmx.org.txt /assets/

FROM assets-${ASSETS} AS assets

# The few files that a container without a system lacks.
FROM --platform=$BUILDPLATFORM ${GO_IMAGE} AS system
RUN mkdir -p /out/data /out/etc \
 && echo 'voxwarden:x:65532:65532::/data:/sbin/nologin' >/out/etc/passwd \
 && echo 'voxwarden:x:65532:' >/out/etc/group

# The static program.
FROM system AS program-source
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=assets /assets/htmx.min.js static/lib/htmx.min.js
COPY --from=assets /assets/htmx.org.txt internal/licenses/lib/htmx.org.txt
ARG VERSION
ARG TARGETOS
ARG TARGETARCH
RUN go run ./internal/licenses/generate \
 && CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -ldflags "-s -w -X main.release=$VERSION" -o /program/server ./cmd/server

FROM scratch AS program-built
ARG TARGETPLATFORM
COPY ${TARGETPLATFORM}/server /program/server

FROM program-${PROGRAM} AS program

FROM scratch
ARG VERSION
LABEL org.opencontainers.image.title=Voxwarden \
      org.opencontainers.image.source=https://github.com/voxwarden/voxwarden \
      org.opencontainers.image.licenses=Apache-2.0 \
      org.opencontainers.image.version=$VERSION
COPY --from=system /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=system /usr/local/go/lib/time/zoneinfo.zip /usr/share/zoneinfo.zip
COPY --from=system /out/etc/ /etc/
COPY --from=system --chown=65532:65532 /out/data /data
COPY --from=program /program/server /server
ENV ZONEINFO=/usr/share/zoneinfo.zip \
    VOXWARDEN_LISTEN=:8080 \
    VOXWARDEN_DATABASE_URL=sqlite:/data/voxwarden.db
USER 65532:65532
VOLUME /data
WORKDIR /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["/server", "healthcheck"]
# "docker run … init" with the same volume creates the database, once. The console itself never does.
ENTRYPOINT ["/server"]
