// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

nn.program @p attributes {batch = 1 : i64, layers = [], train = {}, data = {}} {
  nn.parameter @w : tensor<3xf32> {initializer = {name = "zeros"}, fan_in = 1 : i64, fan_out = 1 : i64}
  nn.slot @m : tensor<3xf32>
  // CHECK-LABEL: func.func @entry
  func.func @entry() -> (tensor<3xf32>, tensor<3xf32>) attributes {nn.entry = "predict"} {
    // CHECK-NEXT: %0 = nn.read @w : tensor<3xf32>
    // CHECK-NEXT: %1 = nn.read @m : tensor<3xf32>
    %0 = nn.read @w : tensor<3xf32>
    %1 = nn.read @m : tensor<3xf32>
    return %0, %1 : tensor<3xf32>, tensor<3xf32>
  }
}
