/**
 * Header of a record that stands in the place of one that retention deleted before the link had carried it, so that offsets stay the
 * same on both sides. Its value is null; consumers pass over it.
 */
export const LOST_RECORD_HEADER = 'fieldline-lost';
