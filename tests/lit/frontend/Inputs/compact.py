"""Prints a JSON object one member a line, the layers one a line. Usage: compact.py FILE"""
import json
import sys

with open(sys.argv[1]) as file:
    for key, value in json.load(file).items():
        if key == "layers":
            print(f'"{key}":')
            for layer in value:
                print(" ", json.dumps(layer))
        else:
            print(f'"{key}":', json.dumps(value))
