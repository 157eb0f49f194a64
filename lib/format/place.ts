/** `31.2° N, 30.5° E`. */
export function formatPlace(place: { lat: number; lon: number }): string {
  const lat = `${Math.abs(place.lat).toFixed(1)}° ${place.lat < 0 ? 'S' : 'N'}`;
  const lon = `${Math.abs(place.lon).toFixed(1)}° ${place.lon < 0 ? 'W' : 'E'}`;
  return `${lat}, ${lon}`;
}
