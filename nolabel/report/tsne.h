// t-SNE (van der Maaten and Hinton 2008), exact: neighbors in feature space become neighbors on a
// plane.
#pragma once

#include "nolabel/base/npy.h"
#include "nolabel/report/pca.h"

namespace nolabel {

// Perplexity 30 (less for few points), early exaggeration 12, learning rate n/12, start from
// `start` scaled down, as Kobak and Berens 2019 advise: each axis to standard deviation 1e-4. The
// map is centred. With fewer than 8 points `start` is returned.
//   features [N,D], start N points, which must differ on both axes
Plane tsne(const Matrix<float>& features, const Plane& start, int threads);

}  // namespace nolabel
