// Stands in for gRPC and protobuf in the bundles: dockerode asks for them at load, but uses them for BuildKit alone,
// which this project never asks for (the classic builder is enough for pi-gen's Dockerfile).
module.exports = {};
