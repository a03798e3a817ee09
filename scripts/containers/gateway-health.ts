// The container's own question to its gateway: are you ready? Exit code 0: yes.
const port = process.env['NEXUS_PORT'] ?? '8080'
const answer = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(2_500) }).catch(
  () => null,
)
process.exitCode = answer?.status === 200 ? 0 : 1
