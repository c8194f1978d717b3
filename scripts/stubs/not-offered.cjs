// Stands in the bundles for what dockerode loads at once but only features use that are not offered: gRPC and protobuf for
// BuildKit sessions (pi-gen's Dockerfile needs the classic builder alone), ssh2 for engines behind ssh://.
module.exports = {};
