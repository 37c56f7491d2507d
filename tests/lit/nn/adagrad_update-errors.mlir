// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @slots(%p: tensor<10xf32>, %g: tensor<10xf32>, %lr: tensor<f64>) {
  // expected-error@+1 {{'nn.adagrad_update' op with these attributes it has 1 slot, found 0 old and 0 new}}
  %0 = nn.adagrad_update %p, %g, %lr {epsilon = 1.0e-7 : f64} : (tensor<10xf32>, tensor<10xf32>, tensor<f64>) -> tensor<10xf32>
  return
}
