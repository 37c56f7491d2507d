// RUN: nncc-opt %s --split-input-file --verify-diagnostics

nn.program @no_such attributes {batch = 1 : i64, layers = [], train = {}, data = {}} {
  func.func @entry() attributes {nn.entry = "predict"} {
    // expected-error@+1 {{'nn.read' op no parameter or slot is named @w}}
    %0 = nn.read @w : tensor<3xf32>
    return
  }
}

// -----

nn.program @type attributes {batch = 1 : i64, layers = [], train = {}, data = {}} {
  nn.slot @w : tensor<3xf32>
  func.func @entry() attributes {nn.entry = "predict"} {
    // expected-error@+1 {{'nn.read' op @w has type 'tensor<3xf32>', found 'tensor<4xf32>'}}
    %0 = nn.read @w : tensor<4xf32>
    return
  }
}

// -----

nn.program @function attributes {batch = 1 : i64, layers = [], train = {}, data = {}} {
  func.func @entry() attributes {nn.entry = "predict"} {
    // expected-error@+1 {{'nn.read' op no parameter or slot is named @entry}}
    %0 = nn.read @entry : tensor<4xf32>
    return
  }
}
