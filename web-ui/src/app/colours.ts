// Colours of blocs: after Paul Tol's qualitative schemes, told apart in the common kinds of colour blindness as far as twelve can be.

const BLOCS = ['#4477aa', '#ddaa33', '#228833', '#ee6677', '#66ccee', '#aa3377', '#997700', '#44bb99', '#882255', '#99aa00', '#6b4fa0', '#b06a3b']

/** An economy of the world that is in no bloc. */
export const UNALIGNED = '#e3e3de'

export const colourOfBloc = (place: number): string => BLOCS[place % BLOCS.length] ?? UNALIGNED
