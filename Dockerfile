# The static program of a release and nothing else: no shell, no packages, no root. `image/ARCH` holds what is unpacked of the
# archives (CONTRIBUTING.md has the commands), so that the image and the archives run the same bytes.
#
#   docker run --rm --network none -v "$PWD:/work:ro" ghcr.io/egress-audit/egress-audit report .
#
# What it needs of the network is what a scan reads; code and snapshots need none. The base has the certificates for that.
FROM gcr.io/distroless/static-debian13:nonroot@sha256:e2e927ec666bae08560abb3c55d0659eceabb657f56b6782ab500a9fc7f555e3

ARG TARGETARCH
LABEL org.opencontainers.image.title="egress-audit" \
      org.opencontainers.image.description="Shows from where serverless functions reach the internet, who can reach them, and which keys guard them" \
      org.opencontainers.image.source="https://github.com/egress-audit/egress-audit" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"

COPY --chmod=0555 image/${TARGETARCH}/egress-audit /usr/local/bin/egress-audit

WORKDIR /work
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/egress-audit"]
CMD ["--help"]
