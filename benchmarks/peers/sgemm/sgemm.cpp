// sgemm measures matrix products: of oneDNN if it is compiled with
// -DIMPL="onednn", of a library with the C interface of BLAS otherwise.
#include "../measure.h"

#ifdef ONEDNN
#include <oneapi/dnnl/dnnl.h>
#else
#include <cblas.h>
#endif

struct Product {
  bool trans_a, trans_b;
  long m, n, k;
  std::vector<float> a = normals(m * k), b = normals(k * n), c = normals(m * n);

  void run() {
    const long lda = trans_a ? m : k, ldb = trans_b ? k : n;
#ifdef ONEDNN
    dnnl_sgemm(trans_a ? 'T' : 'N', trans_b ? 'T' : 'N', m, n, k, 1, a.data(), lda, b.data(), ldb, 0, c.data(), n);
#else
    cblas_sgemm(CblasRowMajor, trans_a ? CblasTrans : CblasNoTrans, trans_b ? CblasTrans : CblasNoTrans, m, n, k, 1,
                a.data(), lda, b.data(), ldb, 0, c.data(), n);
#endif
  }
};

int main(int argc, char **argv) {
  parse_arguments(argc, argv);
  for (Case c; next_case(c);) {
    if (!c.is("op=sgemm/"))
      continue;
    Product p{c.n[0] != 0, c.n[1] != 0, c.n[2], c.n[3], c.n[4]};
    report(c.key, IMPL, best([&] { p.run(); }));
  }
}
