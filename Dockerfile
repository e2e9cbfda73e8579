# syntax=docker/dockerfile:1

# The scripts that the pages load.
FROM node:20-bookworm-slim AS assets
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

# The static binary, and the few files that a container without a system lacks.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=assets /src/node_modules/htmx.org/dist/htmx.min.js static/lib/htmx.min.js
RUN CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o /out/server ./cmd/server \
 && mkdir -p /out/data /out/etc \
 && echo 'voxwarden:x:65532:65532::/data:/sbin/nologin' > /out/etc/passwd \
 && echo 'voxwarden:x:65532:' > /out/etc/group

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /usr/local/go/lib/time/zoneinfo.zip /usr/share/zoneinfo.zip
COPY --from=build /out/etc/ /etc/
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build /out/server /server
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
