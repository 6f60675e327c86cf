// What is measured in most plants, with the units that go with it (UN/ECE Recommendation 20).

export const UNITS: Record<string, readonly string[]> = {
  Temperature: ['CEL', 'FAH', 'KEL'],
  RelativeHumidity: ['A93', 'P1'],
  Mass: ['KGM', 'GRM', 'TNE'],
  Volume: ['LTR', 'MLT', 'MTQ'],
  Pressure: ['BAR', 'KPA', 'PAL'],
  Length: ['MTR', 'MMT', 'CMT'],
  Time: ['SEC', 'MIN', 'HUR'],
  Speed: ['MTS', '2X', 'KMH'],
  Density: ['KMQ'],
  Conductivity: ['D10'],
  Voltage: ['VLT'],
  ElectricCurrent: ['AMP'],
  Power: ['WTT', 'KWT'],
  Torque: ['NU'],
  Dimensionless: [],
  Count: [],
}
export const MEASURES: readonly string[] = Object.keys(UNITS)
