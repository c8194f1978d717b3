import { templates } from '../scaffold/templates/index';

const general = `pigen: check, build and explain pi-gen stages

Usage: pigen COMMAND [OPTION…]

  check [PATH…]     find what would fail or go silently wrong in the build
  order [PATH]      show what pi-gen would run, in its order, and what it would pass over
  build             build the image on a Docker engine
  doctor            tell what on this machine and its engine would make a build fail
  clean [NAME…]     list and remove what builds have left behind
  attach            follow a build that runs without its window or terminal, and collect its results
  timeline          tell how long the steps of the last build took, and what its stages added
  compare STAGE     tell what a stage of a kept build added, removed and changed
  shell [STAGE]     open a shell where a build failed, or in what is kept of a stage
  explain LOG       name the step, file, line and cause of a failed build
  new …             write a new stage, sub-stage, step, config or workflow
  update-index      fetch the names of all packages, so that check knows misspelt ones

  pigen COMMAND --help tells more. --format pretty|json is common to all, pretty is the default.

Exit codes: 0 fine; 1 a finding at or above --fail-on, or a failed build; 2 bad usage, or no engine.
`;

const topics: Readonly<Record<string, string>> = {
  check: `Usage: pigen check [PATH…] [OPTION…]

Checks the stages in the folders or files named, or below the working directory. Nothing of theirs is run.

  --format FORMAT      pretty, json, sarif (2.1.0, for code scanning), github (annotations of a workflow run)
  --fail-on SEVERITY   exit with 1 where a finding is at least this severe: error (the default), warning, information, hint
  --fix                apply the fixes that are right nearly always, and tell what is left
  --rule NAME          this rule only, or this code of ShellCheck (SC2086); may be given several times
  --config FILE        settings to go by in the place of the repository's .pigen.yaml
  --release NAME       Debian release that the stages are for, in the place of what .pigen.yaml, config or workflow say
  --upstream           also tell what is in files that pi-gen itself ships, unchanged
  --shellcheck PATH    the ShellCheck to check scripts and heredocs with (default: the one on the PATH, if there is one)
  --no-shellcheck      without ShellCheck
  --stdin-filename FILE
                       check standard input as if it were the text of FILE, which need not exist
`,
  order: `Usage: pigen order [PATH] [--format pretty|json]

Shows what pi-gen would run in the tree that holds PATH (default: the working directory): stages, sub-stages and steps in
order, each marked host or chroot, with what is skipped or ignored and why. Looks only; nothing is run.
`,
  build: `Usage: pigen build [--tree DIR] [--config FILE]… [--format pretty|json] [OPTION…]

Builds the image on a Docker engine, as build-docker.sh would. Ctrl-C stops the build and cleans up. Meanwhile what
'pigen doctor' checks is looked at, and a build that will fail is stopped.

  --tree DIR           the pi-gen tree (default: the one that holds the working directory); the stages of a repository
                       that has none of its own are copied in beside it
  --config FILE        the config to build with (default: config in the tree); may be given several times: each is built with
                       a container, a log and a folder for its results of its own
  --workflow FILE      build what the steps of pi-gen-action in this workflow build: their inputs turned into the same config,
                       stage list and exports. Secrets are taken from environment variables of their names
  --job NAME           of these the job of this name only
  --matrix KEY=VALUE   of these the matrix entries with this value only; may be given several times
  --value EXPR=VALUE   the value of an expression that only GitHub knows: --value github.ref_name=v1
  --clone              clone the pi-gen that the workflow names, once; it is kept in the user's cache folder
  --output DIR         where the images and the log go (default: deploy/ beside the tree or the stages)
  --engine ENGINE      the engine: an address such as unix:///var/run/docker.sock or tcp://HOST:2376, or the name of a
                       Docker context (default: DOCKER_HOST, the current context, the default socket); may be given
                       several times: that many builds run at once. --context is the same
  --no-preflight       build although a check says that it will fail
  --network NAME       network of image build and container, for example host
  --name NAME          name of the container (default: CONTAINER_NAME of the config, else pigen_work)
  --keep               keep the container and its volumes; not with --stage
  --trace SCRIPT       print the commands of this script of a stage as they run, as bash -x does; may be given several times;
                       not with --stage
  --without PATH       leave this step, sub-stage or stage out, this once; may be given several times; not with --stage
  --stage NAME         try this stage alone: the stages before it are built once and kept, and each try starts from them in no
                       time. No image is made
  --from SUBSTAGE      with --stage: begin with this sub-stage, where those before it have not changed since the last try
  --export             with --stage: export its image too
  --watch              with --stage: try it again from the first sub-stage that changed, whenever a file of it is saved, until Ctrl-C
  --attach             where a build of the tree runs already, follow that one; not with --stage

A build goes on when its terminal is closed: 'pigen attach' takes it up again.
`,
  attach: `Usage: pigen attach [--tree DIR] [--name NAME] [--format pretty|json] [OPTION…]

Takes up a build whose window or terminal has gone: shows its log from the beginning, follows it, and collects its results
when it has ended, or when it has ended meanwhile. A build that another window or terminal follows is followed as well.
Ctrl-C stops the build and cleans up.

  --tree DIR           the pi-gen tree that is built (default: the tree or repository that holds the working directory)
  --engine ENGINE      the engine, as for 'pigen build' (default: the usual one, else that on which the build was begun)
  --name NAME          the container's name, where several builds of the tree run

Exit codes: as for 'pigen build'; 2 where there is no such build.
`,
  doctor: `Usage: pigen doctor [--tree DIR] [--config FILE] [--engine ENGINE] [--pull] [--format pretty|json|markdown]

Looks at the engine, the kernel of its machine and the tree that would be built, and tells what would make a build fail, with a
fix for each. To look into the engine's machine a small privileged container is run from an image that is there; it changes
nothing. --format markdown is for a bug report.

  --tree DIR           the pi-gen tree, as for 'pigen build'; where there is none here, only the engine is looked at
  --config FILE        the config that would be built with
  --engine ENGINE      the engine, as for 'pigen build'
  --pull               fetch the base image where no image is there to look with

Exit codes: 0 nothing would fail; 1 something will; 2 bad usage.
`,
  clean: `Usage: pigen clean [NAME…] [--all] [--force] [--engine ENGINE] [--format pretty|json]

Lists what builds have left on engines and on this machine, with sizes: containers, volumes, images, clones of pi-gen, logs.
Only what carries the label of pi-gen Stages is listed, and only what is named is removed.

  NAME…                remove these, by a name or id that the list tells
  --all                remove all that is listed of the usual engine and of this machine; with --engine, of that one
  --force              also what is in use: a build that runs in it ends
  --engine ENGINE      the engine, as for 'pigen build' (default: all that are known: the usual one, those of the Docker
                       contexts, and those on which builds were begun)

Exit codes: 0 done; 1 something is in use or could not be removed; 2 bad usage.
`,
  compare: `Usage: pigen compare STAGE [--tree DIR] [--format pretty|json] [OPTION…]

Tells what a stage added to, removed from and changed in the root file system of the stage before it: size, packages, files.
Looks into what 'pigen build --stage' keeps, or into the container of an ended build that was kept: 'pigen build --keep'.
Compared there; nothing is copied here.

  --tree DIR           the pi-gen tree (default: the tree or repository that holds the working directory)
  --engine ENGINE      the engine, as for 'pigen build'
  --name NAME          the container's name, where several were kept

Exit codes: 0 compared; 2 bad usage, no engine, or nothing kept.
`,
  shell: `Usage: pigen shell [STAGE] [--tree DIR] [OPTION…]

Opens a shell in the chroot of a stage, with the environment of its steps. Without STAGE: where the last build failed, as its
step left it. That is what 'pigen build --stage' keeps by itself, or the container of a build with --keep. With STAGE: in what
is kept of that stage. What is changed there goes with the shell, unless the container was kept; that is changed itself.

  --tree DIR           the pi-gen tree (default: the one that holds the working directory)
  --config FILE        the config that was built with, as for 'pigen build'
  --engine ENGINE      the engine, as for 'pigen build'
  --network NAME       network of the shell, as for 'pigen build'
  --name NAME          the container's name, where several were kept

Exit codes: 0 the shell was left; 2 bad usage, no engine, or nothing kept.
`,
  timeline: `Usage: pigen timeline [--tree DIR] [--stage NAME] [--format pretty|json|svg] [OPTION…]

Tells how long each step of the last build took and what each stage added, beside the build before it: the last that passed
with the same config. It is kept beside the build's log; an engine is not needed.

  --tree DIR           the pi-gen tree (default: the tree or repository that holds the working directory)
  --output DIR         where the images and the log went, where 'pigen build' was told so
  --stage NAME         of the last try of this stage (default: the last build of all)
  --format FORMAT      pretty, json, svg (a picture for light and dark)

Exit codes: 0 told; 2 bad usage, or nothing is kept.
`,
  explain: `Usage: pigen explain LOG [--tree DIR] [--format pretty|json|github]

Names the failing step of a build log, with file, line, cause and fix, the likeliest cause first. LOG is a file, packed with
gzip or not, or - for standard input: build.log, build-docker.log, or the log of a workflow with pi-gen-action.

  --tree DIR           where the stages are (default: the working directory)
  --format FORMAT      pretty, json, github (annotations of a workflow run)

Exit codes: 0 explained; 1 a failure whose cause is not known; 3 no failure in the log; 2 bad usage, or no log.
`,
  'update-index': `Usage: pigen update-index [PATH…] [--release NAME] [--format pretty|json]

Fetches the names of all packages of the repositories that apt of the image knows: from the apt sources of the stages in PATH
(default: the working directory), for their release and architectures. 'pigen check' then knows a misspelt package, offline too.
Names alone are kept, in the user's cache folder.

  --release NAME       Debian release that the stages are for, in the place of what .pigen.yaml, config or workflow say

Exit codes: 0 all repositories were asked; 1 some could not be; 2 bad usage, or nothing tells which repositories to ask.
`,
  new: `Usage: pigen new stage NAME [--in DIR] [CONTENT] [--sub-stage NN-NAME] [--export] [--add-to-list FILE]
       pigen new sub-stage [NN-NAME] [--in STAGE] [CONTENT]
       pigen new step KIND [--in SUB-STAGE] [--number NN]
       pigen new config [--in DIR] [--set NAME=VALUE]…
       pigen new workflow [--in REPOSITORY] [--set NAME=VALUE]…
       pigen new templates

Writes what passes every rule and builds as it is, execute bits set. Existing files are never overwritten.

  --in DIR             folder to write it into (default: the working directory)
  --sub-stage NN-NAME  name of the new stage's sub-stage (default: 00-install, or what the template says)
  --export             make the stage export an image
  --add-to-list FILE   also name it in the stage list of this config or workflow file
  --number NN          the step's number (default: behind the steps that are there)

CONTENT of a sub-stage is either of
  --steps KIND,…       debconf, packages-nr, packages, patches, run, run-chroot (default: packages,run,run-chroot)
  --template NAME      a common job: ${templates.map(({ id }) => id).join(', ')}
      --set NAME=VALUE what the template asks for; 'pigen new templates' tells
`,
};

/** The help text of one command, or of the whole where there is none of that name. */
export function usage(topic: string | undefined): string {
  return (topic !== undefined && Object.hasOwn(topics, topic) ? topics[topic] : undefined) ?? general;
}
