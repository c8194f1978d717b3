#!/bin/bash -e

sha256sum "${DEPLOY_DIR}"/*.img > "${DEPLOY_DIR}/SHA256SUMS"
curl --fail --upload-file "${DEPLOY_DIR}/SHA256SUMS" https://images.example.org/
echo "Uploaded"
