package layer

import "github.com/simdlanes/lanes/kernels"

// Lanes is the number of images that a block interleaves, and the most that an [Op]
// gets at once.
const Lanes = kernels.Lanes
