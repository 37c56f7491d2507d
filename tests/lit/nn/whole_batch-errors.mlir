// RUN: nncc-opt %s --split-input-file --verify-diagnostics

func.func @shapes(%arg0: tensor<4x6xf32>) {
  // expected-error@+1 {{'nn.whole_batch' op failed to verify that all of {src, dst} have same type}}
  %0 = "nn.whole_batch"(%arg0) : (tensor<4x6xf32>) -> tensor<4x5xf32>
  return
}
