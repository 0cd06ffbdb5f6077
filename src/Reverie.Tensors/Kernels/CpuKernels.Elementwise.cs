using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Reverie.Tensors.Kernels;

namespace Reverie.Tensors;

public sealed unsafe partial class CpuKernels
{
    /// <inheritdoc/>
    public void Add(Tensor source, Tensor target, bool accumulate)
    {
        if (accumulate) Map(new AddMap(source.Pointer, target.Pointer), target.Length);
        else Map(new CopyMap(source.Pointer, target.Pointer), target.Length);
    }

    /// <inheritdoc/>
    public void Scale(Tensor x, float factor) => Map(new ScaleMap(x.Pointer, factor), x.Length);

    /// <inheritdoc/>
    public void Clear(Tensor x) => Map(new ClearMap(x.Pointer), x.Length);

    /// <inheritdoc/>
    public void AdamW(Tensor value, Tensor gradient, Tensor firstMoment, Tensor secondMoment, in AdamWSettings settings) =>
        Map(new AdamWMap(value.Pointer, gradient.Pointer, firstMoment.Pointer, secondMoment.Pointer, settings), value.Length);

    /// <inheritdoc/>
    public double SumOfSquares(Tensor x)
    {
        int blocks = new MapBlocks<AddMap>(default, x.Length).Count;
        double* sums = (double*)Scratch.Take(ScratchUse.Call, 2L * blocks);
        _pool.Run(new SumOfSquaresJob(x.Pointer, x.Length, sums), blocks);
        double sum = 0;
        for (int i = 0; i < blocks; i++) sum += sums[i];
        return sum;
    }

    private readonly struct CopyMap(float* source, float* target) : IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply<TVector, TSimd, TAccess>(long at, int count) where TVector : unmanaged where TSimd : ISimd<TVector> where TAccess : IAccess =>
            TAccess.Store<TVector, TSimd>(target + at, TAccess.Load<TVector, TSimd>(source + at, count), count);
    }

    private readonly struct AddMap(float* source, float* target) : IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply<TVector, TSimd, TAccess>(long at, int count) where TVector : unmanaged where TSimd : ISimd<TVector> where TAccess : IAccess =>
            TAccess.Store<TVector, TSimd>(target + at, TSimd.Add(TAccess.Load<TVector, TSimd>(target + at, count), TAccess.Load<TVector, TSimd>(source + at, count)), count);
    }

    private readonly struct ScaleMap(float* x, float factor) : IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply<TVector, TSimd, TAccess>(long at, int count) where TVector : unmanaged where TSimd : ISimd<TVector> where TAccess : IAccess =>
            TAccess.Store<TVector, TSimd>(x + at, TSimd.Multiply(TAccess.Load<TVector, TSimd>(x + at, count), TSimd.Broadcast(factor)), count);
    }

    private readonly struct ClearMap(float* x) : IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply<TVector, TSimd, TAccess>(long at, int count) where TVector : unmanaged where TSimd : ISimd<TVector> where TAccess : IAccess =>
            TAccess.Store<TVector, TSimd>(x + at, TSimd.Zero, count);
    }

    /// <summary>m and v are running means of the gradient and its square; value -= rate (m' / (sqrt(v') + epsilon) + decay value), primes for bias-corrected.</summary>
    private readonly struct AdamWMap : IMap
    {
        private readonly float* _value, _gradient, _first, _second;
        private readonly float _gradientScale, _beta1, _oneMinusBeta1, _beta2, _oneMinusBeta2, _step, _secondCorrection, _epsilon, _keep;

        public AdamWMap(float* value, float* gradient, float* first, float* second, in AdamWSettings settings)
        {
            _value = value;
            _gradient = gradient;
            _first = first;
            _second = second;
            (_gradientScale, _beta1, _beta2, _epsilon) = (settings.GradientScale, settings.Beta1, settings.Beta2, settings.Epsilon);
            (_oneMinusBeta1, _oneMinusBeta2) = ((float)(1.0 - settings.Beta1), (float)(1.0 - settings.Beta2));
            _step = (float)(-settings.LearningRate / (1 - Math.Pow(settings.Beta1, settings.Step)));
            _secondCorrection = (float)(1 / (1 - Math.Pow(settings.Beta2, settings.Step)));
            _keep = (float)(1 - (double)settings.LearningRate * settings.WeightDecay);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply<TVector, TSimd, TAccess>(long at, int count) where TVector : unmanaged where TSimd : ISimd<TVector> where TAccess : IAccess
        {
            TVector gradient = TSimd.Multiply(TAccess.Load<TVector, TSimd>(_gradient + at, count), TSimd.Broadcast(_gradientScale));
            TVector first = TSimd.Multiply(TAccess.Load<TVector, TSimd>(_first + at, count), TSimd.Broadcast(_beta1));
            first = TSimd.MultiplyAdd(gradient, TSimd.Broadcast(_oneMinusBeta1), first);
            TVector second = TSimd.Multiply(TAccess.Load<TVector, TSimd>(_second + at, count), TSimd.Broadcast(_beta2));
            second = TSimd.MultiplyAdd(TSimd.Multiply(gradient, gradient), TSimd.Broadcast(_oneMinusBeta2), second);
            TVector divisor = TSimd.Add(TSimd.Sqrt(TSimd.Multiply(second, TSimd.Broadcast(_secondCorrection))), TSimd.Broadcast(_epsilon));
            TVector value = TSimd.Multiply(TAccess.Load<TVector, TSimd>(_value + at, count), TSimd.Broadcast(_keep));
            value = TSimd.MultiplyAdd(TSimd.Divide(first, divisor), TSimd.Broadcast(_step), value);
            TAccess.Store<TVector, TSimd>(_first + at, first, count);
            TAccess.Store<TVector, TSimd>(_second + at, second, count);
            TAccess.Store<TVector, TSimd>(_value + at, value, count);
        }
    }

    private readonly struct SumOfSquaresJob(float* x, long length, double* sums) : IJob
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Execute(int index)
        {
            long at = (long)index * MapBlocks<AddMap>.BlockElements, end = Math.Min(at + MapBlocks<AddMap>.BlockElements, length);
            Vector256<double> low = Vector256<double>.Zero, high = Vector256<double>.Zero;
            for (; at <= end - 8; at += 8)
            {
                (Vector256<double> a, Vector256<double> b) = Vector256.Widen(Vector256.Load(x + at));
                low += a * a;
                high += b * b;
            }

            double sum = Vector256.Sum(low + high);
            for (; at < end; at++) sum += (double)x[at] * x[at];
            sums[index] = sum;
        }
    }
}
