// onednn measures oneDNN's convolutions, pooling, activations, batch normalisation
// and transposition. Every primitive is created once, for training and in the
// layouts that the library chooses for itself; bringing tensors into them is not
// timed.
#include "../measure.h"
#include <functional>
#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>

using namespace dnnl;
using desc = memory::desc;
using tag = memory::format_tag;
const auto f32 = memory::data_type::f32;

engine cpu(engine::kind::cpu, 0);
stream in_order(cpu);

// filled returns memory of layout d whose numbers, padding apart, are normal.
memory filled(const desc &d) {
  const auto dims = d.dims();
  const tag plain_tags[] = {tag::a, tag::ab, tag::abc, tag::abcd, tag::abcde};
  const desc plain(dims, f32, plain_tags[dims.size() - 1]);
  memory source(plain, cpu), result(d, cpu);
  auto values = normals(plain.get_size() / sizeof(float));
  std::copy(values.begin(), values.end(), static_cast<float *>(source.get_data_handle()));
  reorder(source, result).execute(in_order, source, result);
  in_order.wait();
  return result;
}

double time_of(const primitive &p, const std::unordered_map<int, memory> &arguments) {
  return best([&] {
    p.execute(in_order, arguments);
    in_order.wait();
  });
}

double convolution(const std::string &pass, const std::vector<long> &v) {
  const long n = v[0], c = v[1], h = v[2], w = v[3], filters = v[4], size = v[5], stride = v[6], pad = v[7], groups = v[8];
  const long out_h = (h + 2 * pad - size) / stride + 1, out_w = (w + 2 * pad - size) / stride + 1;
  const memory::dims filter = groups == 1 ? memory::dims{filters, c, size, size}
                                          : memory::dims{groups, filters / groups, c / groups, size, size};
  const desc x({n, c, h, w}, f32, tag::any), weights(filter, f32, tag::any);
  const desc bias({filters}, f32, tag::a), y({n, filters, out_h, out_w}, f32, tag::any);
  const memory::dims strides{stride, stride}, padding{pad, pad};
  const auto direct = algorithm::convolution_direct;
  const convolution_forward::primitive_desc forward(
      {prop_kind::forward_training, direct, x, weights, bias, y, strides, padding, padding}, cpu);
  if (pass == "fwd")
    return time_of(convolution_forward(forward), {{DNNL_ARG_SRC, filled(forward.src_desc())},
                                                  {DNNL_ARG_WEIGHTS, filled(forward.weights_desc())},
                                                  {DNNL_ARG_BIAS, filled(bias)},
                                                  {DNNL_ARG_DST, filled(forward.dst_desc())}});
  if (pass == "data") {
    const convolution_backward_data::primitive_desc data({direct, x, weights, y, strides, padding, padding}, cpu, forward);
    return time_of(convolution_backward_data(data), {{DNNL_ARG_DIFF_DST, filled(data.diff_dst_desc())},
                                                     {DNNL_ARG_WEIGHTS, filled(data.weights_desc())},
                                                     {DNNL_ARG_DIFF_SRC, filled(data.diff_src_desc())}});
  }
  const convolution_backward_weights::primitive_desc gradient({direct, x, weights, bias, y, strides, padding, padding}, cpu,
                                                              forward);
  return time_of(convolution_backward_weights(gradient), {{DNNL_ARG_SRC, filled(gradient.src_desc())},
                                                          {DNNL_ARG_DIFF_DST, filled(gradient.diff_dst_desc())},
                                                          {DNNL_ARG_DIFF_WEIGHTS, filled(gradient.diff_weights_desc())},
                                                          {DNNL_ARG_DIFF_BIAS, filled(bias)}});
}

double pool(algorithm kind, const std::string &pass, const std::vector<long> &v, tag layout) {
  const long n = v[0], c = v[1], h = v[2], w = v[3], size = v[4], stride = v[5], pad = v[6];
  const long out_h = (h + 2 * pad - size) / stride + 1, out_w = (w + 2 * pad - size) / stride + 1;
  const desc x({n, c, h, w}, f32, layout), y({n, c, out_h, out_w}, f32, layout);
  const memory::dims window{size, size}, strides{stride, stride}, padding{pad, pad};
  const pooling_forward::primitive_desc forward(
      {prop_kind::forward_training, kind, x, y, strides, window, padding, padding}, cpu);
  const memory source = filled(x), result = filled(y), workspace(forward.workspace_desc(), cpu);
  const pooling_forward run(forward);
  const std::unordered_map<int, memory> arguments{
      {DNNL_ARG_SRC, source}, {DNNL_ARG_DST, result}, {DNNL_ARG_WORKSPACE, workspace}};
  if (pass == "fwd")
    return time_of(run, arguments);
  run.execute(in_order, arguments);
  in_order.wait();
  const pooling_backward::primitive_desc backward({kind, x, y, strides, window, padding, padding}, cpu, forward);
  return time_of(pooling_backward(backward),
                 {{DNNL_ARG_DIFF_DST, result}, {DNNL_ARG_DIFF_SRC, filled(x)}, {DNNL_ARG_WORKSPACE, workspace}});
}

// activation is a function of each element by itself, whose gradient is in terms
// of its input.
double activation(algorithm kind, float alpha, const std::string &pass, const std::vector<long> &v) {
  const desc x({v[0], v[1], v[2], v[3]}, f32, tag::abcd);
  const eltwise_forward::primitive_desc forward({prop_kind::forward_training, kind, x, alpha, 0}, cpu);
  if (pass == "fwd")
    return time_of(eltwise_forward(forward), {{DNNL_ARG_SRC, filled(x)}, {DNNL_ARG_DST, filled(x)}});
  const eltwise_backward::primitive_desc backward({kind, x, x, alpha, 0}, cpu, forward);
  return time_of(eltwise_backward(backward),
                 {{DNNL_ARG_SRC, filled(x)}, {DNNL_ARG_DIFF_DST, filled(x)}, {DNNL_ARG_DIFF_SRC, filled(x)}});
}

// batch_norm is that of training: it computes the batch's mean and variance, and
// the gradients of scale and shift.
double batch_norm(const std::string &pass, const std::vector<long> &v, tag layout) {
  const desc x({v[0], v[1], v[2], v[3]}, f32, layout);
  const auto flags = normalization_flags::use_scale_shift;
  const float epsilon = 1e-5;
  const batch_normalization_forward::primitive_desc forward({prop_kind::forward_training, x, epsilon, flags}, cpu);
  const memory source = filled(x), mean(forward.mean_desc(), cpu), variance(forward.variance_desc(), cpu);
  const memory scale_shift = filled(forward.weights_desc());
  const batch_normalization_forward run(forward);
  const std::unordered_map<int, memory> arguments{{DNNL_ARG_SRC, source},
                                                  {DNNL_ARG_MEAN, mean},
                                                  {DNNL_ARG_VARIANCE, variance},
                                                  {DNNL_ARG_SCALE_SHIFT, scale_shift},
                                                  {DNNL_ARG_DST, filled(x)}};
  if (pass == "fwd")
    return time_of(run, arguments);
  run.execute(in_order, arguments);
  in_order.wait();
  const batch_normalization_backward::primitive_desc backward({prop_kind::backward, x, x, epsilon, flags}, cpu, forward);
  return time_of(batch_normalization_backward(backward),
                 {{DNNL_ARG_SRC, source},
                  {DNNL_ARG_MEAN, mean},
                  {DNNL_ARG_VARIANCE, variance},
                  {DNNL_ARG_SCALE_SHIFT, scale_shift},
                  {DNNL_ARG_DIFF_DST, filled(x)},
                  {DNNL_ARG_DIFF_SRC, filled(x)},
                  {DNNL_ARG_DIFF_SCALE_SHIFT, filled(backward.diff_weights_desc())}});
}

// relu works in place, as lanes does.
double relu(const std::string &pass, const std::vector<long> &v) {
  const desc x({v[0], v[1], v[2], v[3]}, f32, tag::abcd);
  const auto kind = algorithm::eltwise_relu_use_dst_for_bwd;
  const eltwise_forward::primitive_desc forward({prop_kind::forward_training, kind, x, 0, 0}, cpu);
  const memory y = filled(x), dy = filled(x);
  if (pass == "fwd")
    return time_of(eltwise_forward(forward), {{DNNL_ARG_SRC, y}, {DNNL_ARG_DST, y}});
  const eltwise_backward::primitive_desc backward({kind, x, x, 0, 0}, cpu, forward);
  return time_of(eltwise_backward(backward), {{DNNL_ARG_DST, y}, {DNNL_ARG_DIFF_DST, dy}, {DNNL_ARG_DIFF_SRC, dy}});
}

// transposition turns rows, one an image, into columns, or columns into rows.
double transposition(const std::string &pass, const std::vector<long> &v) {
  const memory::dims size{v[0], v[1] * v[2] * v[3]};
  const desc rows(size, f32, tag::ab), columns(size, f32, tag::ba);
  const bool interleave = pass == "interleave";
  memory from = filled(interleave ? rows : columns), to = filled(interleave ? columns : rows);
  return time_of(reorder(from, to), {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}});
}

int main(int argc, char **argv) {
  parse_arguments(argc, argv);
  for (Case c; next_case(c);) {
    const auto start = c.key.find("pass=") + 5;
    const std::string pass = c.key.substr(start, c.key.find('/', start) - start);
    const auto said = [&](double ns) { report(c.key, "onednn", ns); };
    for (tag layout : {tag::nchw, tag::nhwc, tag::nChw8c})
      if (c.is("op=maxpool"))
        said(pool(algorithm::pooling_max, pass, c.n, layout));
      else if (c.is("op=avgpool"))
        said(pool(algorithm::pooling_avg_exclude_padding, pass, c.n, layout));
      else if (c.is("op=batchnorm/"))
        said(batch_norm(pass, c.n, layout));
    if (c.is("op=conv2d/"))
      said(convolution(pass, c.n));
    else if (c.is("op=relu/"))
      said(relu(pass, c.n));
    else if (c.is("op=leakyrelu/"))
      said(activation(algorithm::eltwise_relu, 0.01f, pass, c.n));
    else if (c.is("op=gelu/"))
      said(activation(algorithm::eltwise_gelu_erf, 0, pass, c.n));
    else if (c.is("op=blocks/"))
      said(transposition(pass, c.n));
  }
}
