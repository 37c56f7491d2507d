// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

nn.program @p attributes {batch = 1 : i64, layers = [], train = {}, data = {}} {
  nn.parameter @w : tensor<3xf32> {initializer = {name = "zeros"}, fan_in = 1 : i64, fan_out = 1 : i64}
  nn.slot @m : tensor<3xf32>
  // CHECK-LABEL: func.func @entry
  func.func @entry(%src: tensor<3xf32>) attributes {nn.entry = "train_step"} {
    // CHECK-NEXT: nn.write @w, %arg0 : tensor<3xf32>
    // CHECK-NEXT: nn.write @m, %arg0 : tensor<3xf32>
    nn.write @w, %src : tensor<3xf32>
    nn.write @m, %src : tensor<3xf32>
    return
  }
}
