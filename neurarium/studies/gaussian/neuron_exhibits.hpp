// What a neuron of the plane looks like: the notebook's two pictures, and two maps to play with.
#pragma once

#include "neurarium/nn/study.hpp"
#include "neurarium/studies/gaussian/plane_neuron.hpp"

namespace neurarium {

/// Filled contours, a tenth of a decade each, with the notebook's lines and the centre.
void add_pictures(RunContext& context, const PlaneNeuron& neuron, const PlaneGrid& grid, const NeuronMaps& maps);

/// Charts with sliders for W, b and σ, over the grid, or over one as large around a centre that lies outside of it.
void add_playgrounds(RunContext& context, const PlaneNeuron& neuron, const PlaneGrid& grid);

}  // namespace neurarium
