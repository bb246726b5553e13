// Countries as paths on one plane, drawn once and used by every map.
import { geoArea, geoEqualEarth, geoPath } from 'd3-geo'
import type { Feature, FeatureCollection, MultiPolygon, Polygon } from 'geojson'
import { feature } from 'topojson-client'
import type { GeometryCollection } from 'topojson-specification'
import topology from 'virtual:world'

export const WIDTH = 960
export const HEIGHT = 452

/** Below this area, in square units of the map, a state is a dot. */
const DOT_BELOW = 7

export type Shape = { code: string; path: string; dot: [number, number] | null; centre: [number, number] }

/** Rings that rounding made too thin have no inside, or the whole globe for one; they are smaller than a pixel. */
function sound(country: Feature): Feature {
  const shape = country.geometry
  const polygons = shape.type === 'MultiPolygon' ? shape.coordinates : shape.type === 'Polygon' ? [shape.coordinates] : []
  const kept = polygons.filter((coordinates) => geoArea({ type: 'Polygon', coordinates }) < Math.PI)
  return { ...country, geometry: { type: 'MultiPolygon', coordinates: kept } }
}

/** The middle of a country's points, for states too small to have an area. */
function middle(country: Feature): [number, number] {
  const shape = country.geometry as MultiPolygon | Polygon
  const points = (shape.type === 'Polygon' ? shape.coordinates : shape.coordinates.flat()).flat()
  const mean = (axis: 0 | 1) => points.reduce((sum, point) => sum + (point[axis] ?? 0), 0) / points.length
  return [mean(0), mean(1)]
}

/** The largest part of a country: its middle is where one looks for it, not between it and lands overseas. */
function largest(country: Feature): Polygon | null {
  const parts = country.geometry.type === 'MultiPolygon' ? country.geometry.coordinates : []
  const polygons = parts.map((coordinates): Polygon => ({ type: 'Polygon', coordinates }))
  return polygons.sort((a, b) => geoArea(b) - geoArea(a))[0] ?? null
}

function shapes(): Shape[] {
  const countries = topology.objects['countries'] as GeometryCollection
  const all = feature(topology, countries) as FeatureCollection
  const features = all.features.map(sound)
  const projection = geoEqualEarth().fitExtent(
    [
      [2, 2],
      [WIDTH - 2, HEIGHT - 2],
    ],
    { type: 'FeatureCollection', features },
  )
  const path = geoPath(projection).digits(1)
  return features.map((each, n) => {
    const whole = all.features[n] as Feature
    const small = path.area(each) < DOT_BELOW
    const mainland = largest(each)
    const centre = (mainland && path.centroid(mainland)) ?? projection(middle(whole)) ?? [0, 0]
    return { code: String(whole.id), path: path(each) ?? '', dot: small ? centre : null, centre }
  })
}

export const SHAPES: readonly Shape[] = shapes()
