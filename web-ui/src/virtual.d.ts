declare module 'virtual:world' {
  import type { Topology } from 'topojson-specification'
  const topology: Topology
  export default topology
}
