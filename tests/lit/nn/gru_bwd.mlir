// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @plain
// CHECK-NEXT:    %diff_gates, %diff_sums, %diff_state = nn.gru_bwd %arg0, %arg1, %arg2, %arg3 : (tensor<24x8xf32>, tensor<4x7x32xf32>, tensor<4x7x8xf32>, tensor<4x7x8xf32>) -> (tensor<4x7x24xf32>, tensor<4x7x24xf32>, tensor<4x7x8xf32>)
func.func @plain(%arg0: tensor<24x8xf32>, %arg1: tensor<4x7x32xf32>, %arg2: tensor<4x7x8xf32>, %arg3: tensor<4x7x8xf32>) {
  %diff_gates, %diff_sums, %diff_state = nn.gru_bwd %arg0, %arg1, %arg2, %arg3 : (tensor<24x8xf32>, tensor<4x7x32xf32>, tensor<4x7x8xf32>, tensor<4x7x8xf32>) -> (tensor<4x7x24xf32>, tensor<4x7x24xf32>, tensor<4x7x8xf32>)
  return
}

// CHECK-LABEL: func.func @all
// CHECK-NEXT:    %diff_gates, %diff_sums, %diff_state = nn.gru_bwd %arg0, %arg1, %arg2, %arg3 lengths %arg4 initial_hidden %arg5 mask %arg6 {reversed = true} : (tensor<24x8xf32>, tensor<4x7x32xf32>, tensor<4x7x8xf32>, tensor<4x7x8xf32>, tensor<4xi32>, tensor<4x8xf32>, tensor<4x8xf32>) -> (tensor<4x7x24xf32>, tensor<4x7x24xf32>, tensor<4x7x8xf32>)
func.func @all(%arg0: tensor<24x8xf32>, %arg1: tensor<4x7x32xf32>, %arg2: tensor<4x7x8xf32>, %arg3: tensor<4x7x8xf32>, %arg4: tensor<4xi32>, %arg5: tensor<4x8xf32>, %arg6: tensor<4x8xf32>) {
  %diff_gates, %diff_sums, %diff_state = nn.gru_bwd %arg0, %arg1, %arg2, %arg3 lengths %arg4 initial_hidden %arg5 mask %arg6 {reversed = true} : (tensor<24x8xf32>, tensor<4x7x32xf32>, tensor<4x7x8xf32>, tensor<4x7x8xf32>, tensor<4xi32>, tensor<4x8xf32>, tensor<4x8xf32>) -> (tensor<4x7x24xf32>, tensor<4x7x24xf32>, tensor<4x7x8xf32>)
  return
}
