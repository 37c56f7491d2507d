// RUN: nncc-opt %s | nncc-opt | FileCheck %s
// RUN: nncc-opt %s --mlir-print-op-generic | nncc-opt | FileCheck %s

// CHECK-LABEL: func.func @plain
// CHECK-NEXT:    %diff_gates, %diff_cell, %diff_state = nn.lstm_bwd %arg0, %arg1, %arg2 diff_hidden %arg3 : (tensor<32x8xf32>, tensor<4x7x32xf32>, tensor<4x7x8xf32>, tensor<4x7x8xf32>) -> (tensor<4x7x32xf32>, tensor<4x7x8xf32>, tensor<4x7x8xf32>)
func.func @plain(%arg0: tensor<32x8xf32>, %arg1: tensor<4x7x32xf32>, %arg2: tensor<4x7x8xf32>, %arg3: tensor<4x7x8xf32>) {
  %diff_gates, %diff_cell, %diff_state = nn.lstm_bwd %arg0, %arg1, %arg2 diff_hidden %arg3 : (tensor<32x8xf32>, tensor<4x7x32xf32>, tensor<4x7x8xf32>, tensor<4x7x8xf32>) -> (tensor<4x7x32xf32>, tensor<4x7x8xf32>, tensor<4x7x8xf32>)
  return
}

// CHECK-LABEL: func.func @all
// CHECK-NEXT:    %diff_gates, %diff_cell, %diff_state = nn.lstm_bwd %arg0, %arg1, %arg2 diff_hidden %arg3 diff_cells %arg4 lengths %arg5 initial_cell %arg6 mask %arg7 {reversed = true} : (tensor<32x8xf32>, tensor<4x7x32xf32>, tensor<4x7x8xf32>, tensor<4x7x8xf32>, tensor<4x7x8xf32>, tensor<4xi32>, tensor<4x8xf32>, tensor<4x8xf32>) -> (tensor<4x7x32xf32>, tensor<4x7x8xf32>, tensor<4x7x8xf32>)
func.func @all(%arg0: tensor<32x8xf32>, %arg1: tensor<4x7x32xf32>, %arg2: tensor<4x7x8xf32>, %arg3: tensor<4x7x8xf32>, %arg4: tensor<4x7x8xf32>, %arg5: tensor<4xi32>, %arg6: tensor<4x8xf32>, %arg7: tensor<4x8xf32>) {
  %diff_gates, %diff_cell, %diff_state = nn.lstm_bwd %arg0, %arg1, %arg2 diff_hidden %arg3 diff_cells %arg4 lengths %arg5 initial_cell %arg6 mask %arg7 {reversed = true} : (tensor<32x8xf32>, tensor<4x7x32xf32>, tensor<4x7x8xf32>, tensor<4x7x8xf32>, tensor<4x7x8xf32>, tensor<4xi32>, tensor<4x8xf32>, tensor<4x8xf32>) -> (tensor<4x7x32xf32>, tensor<4x7x8xf32>, tensor<4x7x8xf32>)
  return
}
