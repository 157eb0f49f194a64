/**
 * Lambert's azimuthal equal-area projection of the sphere: shapes look right within some 20 degrees of its centre, which is where it is used.
 * Formulas: J. P. Snyder, Map Projections: A Working Manual, USGS Professional Paper 1395 (1987), pages 185-187.
 */
export interface GeoPoint {
  /** Degrees. */
  lat: number;
  lon: number;
}
/** On the plane, in Earth radii; x to the east, y to the north of the centre. */
export interface PlanePoint {
  x: number;
  y: number;
}
export interface Projection {
  /** Null for the far side of the globe, which no scene shows. */
  forward(point: GeoPoint): PlanePoint | null;
  /** Null off the disc. Longitude in [-180, 180). */
  inverse(point: PlanePoint): GeoPoint | null;
}

const RADIANS = Math.PI / 180;
export const EARTH_RADIUS_KM = 6371;

export function equalAreaAround(centre: GeoPoint): Projection {
  const sin0 = Math.sin(centre.lat * RADIANS);
  const cos0 = Math.cos(centre.lat * RADIANS);
  return {
    forward({ lat, lon }) {
      const sin = Math.sin(lat * RADIANS);
      const cos = Math.cos(lat * RADIANS);
      const dLon = (lon - centre.lon) * RADIANS;
      const cosC = sin0 * sin + cos0 * cos * Math.cos(dLon);
      if (cosC < 0) return null;
      const k = Math.sqrt(2 / (1 + cosC));
      return { x: k * cos * Math.sin(dLon), y: k * (cos0 * sin - sin0 * cos * Math.cos(dLon)) };
    },
    inverse({ x, y }) {
      const rho = Math.hypot(x, y);
      if (rho > Math.SQRT2) return null;
      if (rho === 0) return { ...centre };
      const c = 2 * Math.asin(rho / 2);
      const sinC = Math.sin(c);
      const cosC = Math.cos(c);
      const lat = Math.asin(cosC * sin0 + (y * sinC * cos0) / rho) / RADIANS;
      const lon = centre.lon + Math.atan2(x * sinC, rho * cos0 * cosC - y * sin0 * sinC) / RADIANS;
      return { lat, lon: wrapLongitude(lon) };
    },
  };
}

/** Earth radii on the plane from the centre to a point `degrees` of arc away. */
export const planeRadius = (degrees: number) => 2 * Math.sin((degrees * RADIANS) / 2);

/** Into [-180, 180). */
export const wrapLongitude = (lon: number) => ((((lon + 180) % 360) + 360) % 360) - 180;
